// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/base/join.h"
#include "exporter/base/nearest.h"

/// Conversion of values between their text in a file or flag and their C++ type. The text of an error says what is wrong
/// and what to use; the caller adds the position as a prefix.
namespace mre {

/// The name of one value of an enumeration. A function `value_names(E)` returns the table of an enumeration.
template <class E>
struct ValueName {
  E value;
  std::string_view name;
};

Result<void> read_value(std::string_view text, std::string& out);
Result<void> read_value(std::string_view text, bool& out);
Result<void> read_value(std::string_view text, int& out);  ///< Not negative.
Result<void> read_value(std::string_view text, std::uint16_t& out);
Result<void> read_value(std::string_view text, std::uint32_t& out);
Result<void> read_value(std::string_view text, std::uint64_t& out);
/// A whole number with its unit, as in Prometheus: 500ms, 30s, 5m, 1h.
Result<void> read_value(std::string_view text, std::chrono::milliseconds& out);
Result<void> read_value(std::string_view text, std::chrono::seconds& out);

std::string write_value(const std::string& value);
std::string write_value(bool value);
std::string write_value(std::chrono::milliseconds value);

template <std::integral N>
std::string write_value(N value) {
  return std::to_string(value);
}

/// "[a, b]"
template <class T>
std::string write_value(const std::vector<T>& values) {
  return "[" + join(values, ", ", [](const T& value) { return write_value(value); }) + "]";
}

template <class E>
  requires std::is_enum_v<E>
Result<void> read_value(std::string_view text, E& out) {
  std::vector<std::string_view> names;
  for (const ValueName<E>& row : value_names(E{})) {
    if (row.name == text) {
      out = row.value;
      return {};
    }
    names.push_back(row.name);
  }
  return fail(Errc::invalid_config,
              "unknown value \"" + std::string(text) + "\": " + suggestion(text, names));
}

template <class E>
  requires std::is_enum_v<E>
std::string write_value(E value) {
  for (const ValueName<E>& row : value_names(E{})) {
    if (row.value == value) return std::string(row.name);
  }
  return {};
}

/// Whether `name` can name a broker or a source: 1 to 64 of A-Z a-z 0-9 _ . - (it becomes a label value).
Result<void> check_name(std::string_view name);

}  // namespace mre
