// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace mre::html {

std::string text(std::string_view from_outside, std::size_t max_bytes) {
  return html_escape(printable(from_outside, max_bytes));
}

std::string number(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string number_cell(std::uint64_t value, std::string_view label) {
  return fmt::format("<td class=\"number\" data-value=\"{}\"{}>{}</td>", value,
                     label.empty() ? "" : fmt::format(" data-label=\"{}\"", label),
                     value == 0 ? "" : number(value));
}

std::string duration(double seconds) {
  constexpr double minute = 60, hour = 60 * minute, day = 24 * hour;
  if (seconds < 2 * minute) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * hour) return fmt::format("{:.0f} min", seconds / minute);
  return seconds < 2 * day ? fmt::format("{:.0f} h", seconds / hour) : fmt::format("{:.0f} d", seconds / day);
}

std::string moment(double unix_seconds, double now_seconds, std::string_view if_unknown) {
  if (unix_seconds <= 0) return std::string(if_unknown);
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 32> stamp{};
  std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  std::array<char, 32> words{};
  std::strftime(words.data(), words.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
  const double age = std::max(0.0, std::floor(now_seconds - unix_seconds));
  return fmt::format(R"(<time datetime="{}">{}</time> <span class="quiet">({} ago)</span>)", stamp.data(),
                     words.data(), duration(age));
}

std::string table(std::string_view caption, std::string_view columns, std::string_view rows,
                  std::string_view id, bool stacked) {
  std::string heads;
  while (!columns.empty()) {
    std::string_view head = columns.substr(0, columns.find('|'));
    columns.remove_prefix(std::min(columns.size(), head.size() + 1));
    const bool is_number = head.starts_with('#');
    if (is_number) head.remove_prefix(1);
    heads +=
        fmt::format("<th scope=\"col\"{}>{}</th>", is_number ? " class=\"number\"" : "", html_escape(head));
  }
  return fmt::format(
      "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"{0}\"><table{1}>\n<caption>{0}</caption>\n"
      "<thead><tr>{2}</tr></thead>\n<tbody>\n{3}</tbody>\n</table></div>\n",
      html_escape(caption),
      id.empty() ? "" : fmt::format(" id=\"{}\" class=\"sortable{}\"", id, stacked ? " stack" : ""), heads,
      rows);
}

std::string sparkline(const std::array<std::uint64_t, 60>& counts, std::string_view label) {
  constexpr std::size_t kHeight = 24;
  const std::uint64_t highest = *std::ranges::max_element(counts);
  if (highest == 0) return {};
  std::string bars;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double share = static_cast<double>(counts[i]) / static_cast<double>(highest);
    const double height = std::max(1.0, std::round(share * kHeight));
    bars +=
        fmt::format("<rect x=\"{}\" y=\"{}\" width=\"2\" height=\"{}\"/>", 2 * i, kHeight - height, height);
  }
  return fmt::format(
      "<svg class=\"spark\" viewBox=\"0 0 120 {}\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"{}\">{}</svg>",
      kHeight, html_escape(label), bars);
}

}  // namespace mre::html
