// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "exporter/profile/rule.h"

namespace mre {

/// A code in decimal. nullopt if it is not a number or out of range.
inline std::optional<std::uint8_t> read_decimal_code(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) {
    const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
    value = value * 10 + digit;
    if (digit > 9 || value > 255) return {};
  }
  if (text.empty()) return {};
  return static_cast<std::uint8_t>(value);
}

/// A code in another spelling.
std::optional<std::uint8_t> read_other_code(CodeSpelling spelling, std::string_view text);

/// Parses one code as a broker writes it. nullopt if it is invalid: not a number in that base, out of range,
/// or an unknown name.
inline std::optional<std::uint8_t> read_code(CodeSpelling spelling, std::string_view text) {
  return spelling == CodeSpelling::dec ? read_decimal_code(text) : read_other_code(spelling, text);
}

/// Parses a version as a broker writes it: "2.0.11", "2.1", "2.1.0-rc1". Missing parts are 0; text after the
/// third is ignored. nullopt if it does not begin with a number.
std::optional<Version> read_version(std::string_view text);

/// Parses a version as a profile writes it: one to three numbers and nothing else.
std::optional<Version> version_from(std::string_view text);

/// The codes of a list, as SUBACK and UNSUBACK carry them: `[135,1]`, `["a","b"]`,
/// `[Reason Code: 'GRANTED_QOS_2'], [Reason Code: 'X']`. The list is split at the separator; the last word of
/// each piece is the code.
class CodeList {
 public:
  /// Returns false if a piece is not a code, or there are more than 256. An empty text has no codes: the
  /// UNSUBACK of MQTT 3.x.
  bool read(CodeSpelling spelling, char separator, std::string_view text);
  std::span<const std::uint8_t> codes() const { return {codes_.data(), count_}; }

 private:
  std::array<std::uint8_t, 256> codes_{};
  std::size_t count_ = 0;
};

}  // namespace mre
