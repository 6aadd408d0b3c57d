// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/base/text.h"

/// Parts of HTML pages. All functions return HTML.
namespace mre::html {

/// A text from outside: one line, escaped, cut to `max_bytes`.
std::string text(std::string_view from_outside, std::size_t max_bytes = kMessageBytes);

/// "1,234,567".
std::string number(std::uint64_t value);

/// A table cell with the number, which sorts by its value; empty for 0. Phones, which show a row as lines, put `label` in
/// front of it.
std::string number_cell(std::uint64_t value, std::string_view label = {});

/// "5 s", "3 min", "2 h" or "41 d".
std::string duration(double seconds);

/// "2026-01-31 12:00:00 UTC (5 s ago)", or `if_unknown` for a time of 0.
std::string moment(double unix_seconds, double now_seconds, std::string_view if_unknown = "never");

/// A table that can be scrolled sideways, also with the keyboard. `rows` are <tr> elements; the columns are
/// separated by '|', a column with '#' in front is a number: "Source|State|#Errors". With an id the table can
/// be sorted. With `stacked` phones show a row as lines, without the heads of the columns.
std::string table(std::string_view caption, std::string_view columns, std::string_view rows,
                  std::string_view id = {}, bool stacked = false);

/// Bars for counts over time, with `label` as text for those who cannot see them. Empty if all are 0.
std::string sparkline(const std::array<std::uint64_t, 60>& counts, std::string_view label);

}  // namespace mre::html
