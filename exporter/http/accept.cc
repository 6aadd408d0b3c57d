// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/accept.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "exporter/base/text.h"

namespace mre {
namespace {

/// The text up to `separator`, without surrounding blanks, which is removed from `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  constexpr std::string_view blanks = " \t";
  std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  part.remove_prefix(std::min(part.size(), part.find_first_not_of(blanks)));
  return part.substr(0, part.find_last_not_of(blanks) + 1);
}

/// The largest weight of the values that `wanted` returns true for, given the value and its parameter `version`.
double weight_of(std::string_view list, const auto& wanted) {
  double largest = 0;
  while (!list.empty()) {
    std::string_view parameters = next_part(list, ',');
    const std::string value = lower_case(next_part(parameters, ';'));
    std::string_view version;
    double weight = 1;
    while (!parameters.empty()) {
      std::string_view text = next_part(parameters, ';');
      const std::string name = lower_case(next_part(text, '='));
      if (name == "version") version = text;
      if (name == "q" && std::from_chars(text.begin(), text.end(), weight).ec != std::errc()) weight = 0;
    }
    if (wanted(value, version)) largest = std::max(largest, weight);
  }
  return largest;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  return weight_of(accept_encoding, [](const auto& coding, auto) { return coding == "gzip"; }) > 0;
}

bool prefers_openmetrics(std::string_view accept) {
  const double openmetrics = weight_of(accept, [](const auto& type, auto version) {
    return type == "application/openmetrics-text" && version == "1.0.0";
  });
  const double text = weight_of(accept, [](const auto& type, auto) { return type == "text/plain"; });
  return openmetrics > 0 && openmetrics >= text;
}

}  // namespace mre
