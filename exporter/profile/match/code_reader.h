// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "exporter/profile/rule.h"

namespace mre {

/// One code as a broker writes it. Nothing if it is none: no number in that base, out of range, or an unknown
/// name.
std::optional<std::uint8_t> read_code(CodeSpelling spelling, std::string_view text);

/// A version as a broker writes its own: "2.0.11", "2.1", "2.1.0-rc1". Missing parts are 0, what follows the
/// third is passed over. Nothing if it does not begin with a number.
std::optional<Version> read_version(std::string_view text);

/// A version as a profile writes it: one to three numbers and nothing else.
std::optional<Version> version_from(std::string_view text);

/// The codes of a list, as SUBACK and UNSUBACK carry them: `[135,1]`, `["a","b"]`,
/// `[Reason Code: 'GRANTED_QOS_2'], [Reason Code: 'X']`. The list is cut at the separator; the last word of
/// each piece is the code.
class CodeList {
 public:
  /// False if a piece is no code, or there are more than the list can hold. An empty text is the UNSUBACK of
  /// 3.x, which has none.
  bool read(CodeSpelling spelling, char separator, std::string_view text);
  std::span<const std::uint8_t> codes() const { return {codes_.data(), count_}; }

 private:
  std::array<std::uint8_t, 256> codes_{};
  std::size_t count_ = 0;
};

}  // namespace mre
