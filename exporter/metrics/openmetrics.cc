// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/openmetrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/metrics/series_labels.h"

namespace mre {
namespace {

constexpr std::size_t kMaxExemplarCharacters = 128;

void append_number(double value, std::string& out) {
  std::array<char, 32> digits{};
  out.append(digits.begin(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_in_catalog(std::string_view name) {
  return std::ranges::find(kCatalog, name, &Metric::name) != std::end(kCatalog);
}

}  // namespace

std::string openmetrics_head(const Metric& row) {
  constexpr std::string_view total = "_total";
  std::string_view name = row.name;
  std::string_view type = to_string(row.type);
  if (row.type == MetricType::counter) name.remove_suffix(total.size());
  if (name != row.name && is_in_catalog(name)) {
    name = row.name;
    type = "unknown";
  }
  std::string head;
  const auto add = [&head, name](std::string_view key, std::string_view value) {
    head.append("# ").append(key).append(" ").append(name).append(" ").append(value).append("\n");
  };
  add("TYPE", type);
  for (const std::string_view unit : {"seconds", "bytes"})
    if (name.ends_with(unit)) add("UNIT", unit);
  add("HELP", row.help);
  return head;
}

std::string openmetrics_exemplar(const Exemplar& exemplar) {
  std::string labels;
  std::size_t left = kMaxExemplarCharacters;
  for (const auto& [name, value] : exemplar.labels) {
    const std::size_t size = characters(name) + characters(printable(value));
    if (size > left) continue;
    left -= size;
    append_label(name, value, labels);
  }
  std::string text = " # {" + labels + "} ";
  append_number(exemplar.value, text);
  if (exemplar.timestamp_seconds > 0) append_number(exemplar.timestamp_seconds, text += ' ');
  return text;
}

}  // namespace mre
