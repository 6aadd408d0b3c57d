// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/catalog.h"

// The naming rules of Prometheus and its tools, checked at compile time.
namespace mre {
namespace {

constexpr bool rows_are_at_their_id() {
  for (std::size_t i = 0; i < std::size(kCatalog); ++i)
    if (static_cast<std::size_t>(kCatalog[i].id) != i) return false;
  return std::size(kCatalog) == static_cast<std::size_t>(MetricId::process_start_time) + 1;
}

constexpr bool names_are_unique_and_prefixed() {
  for (const Metric& row : kCatalog) {
    if (!row.name.starts_with("mqtt_reason_") && !row.name.starts_with("process_")) return false;
    for (const Metric& other : kCatalog)
      if (row.id != other.id && row.name == other.name) return false;
  }
  return true;
}

constexpr bool counters_and_only_they_end_in_total() {
  for (const Metric& row : kCatalog)
    if (row.name.ends_with("_total") != (row.type == MetricType::counter)) return false;
  return true;
}

constexpr bool helps_are_one_plain_line() {
  for (const Metric& row : kCatalog)
    if (!row.help.ends_with(".") || row.help.find_first_of("\\\"\n\r|") != std::string_view::npos)
      return false;
  return true;
}

static_assert(rows_are_at_their_id());
static_assert(names_are_unique_and_prefixed());
static_assert(counters_and_only_they_end_in_total());
static_assert(helps_are_one_plain_line());

}  // namespace
}  // namespace mre
