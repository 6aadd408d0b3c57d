// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/code_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "exporter/base/text.h"

namespace mre {
namespace {

std::optional<std::uint8_t> read_hexadecimal(std::string_view text) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) text.remove_prefix(2);
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::optional<std::uint8_t> read_signed(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 10);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  if (value < std::numeric_limits<std::int8_t>::min() || value > std::numeric_limits<std::uint8_t>::max())
    return {};
  return static_cast<std::uint8_t>(value);
}

constexpr bool in_word(char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '-'; }

std::string_view last_word(std::string_view text) {
  while (!text.empty() && !in_word(text.back())) text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin > 0 && in_word(text[begin - 1])) --begin;
  return text.substr(begin);
}

/// Consumes up to three numbers, separated by points, from the front of `text`.
std::optional<Version> consume_version(std::string_view& text) {
  Version version;
  for (std::size_t i = 0; i < version.parts.size(); ++i) {
    if (i > 0 && !text.starts_with('.')) break;
    const std::string_view digits = text.substr(i > 0 ? 1 : 0);
    std::uint16_t part = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), part);
    if (error != std::errc{}) return i > 0 ? std::optional(version) : std::nullopt;
    version.parts[i] = part;
    text = digits.substr(static_cast<std::size_t>(end - digits.data()));
  }
  return version;
}

}  // namespace

std::optional<std::uint8_t> read_other_code(CodeSpelling spelling, std::string_view text) {
  switch (spelling) {
    case CodeSpelling::dec:
      return read_decimal_code(text);
    case CodeSpelling::hex:
      return read_hexadecimal(text);
    case CodeSpelling::name:
      return mqtt::code_from_name(text);
    case CodeSpelling::signed_dec:
      return read_signed(text);
  }
  return {};
}

std::optional<Version> read_version(std::string_view text) { return consume_version(text); }

std::optional<Version> version_from(std::string_view text) {
  const auto version = consume_version(text);
  return text.empty() ? version : std::nullopt;
}

bool CodeList::read(CodeSpelling spelling, char separator, std::string_view text) {
  count_ = 0;
  if (text.empty()) return true;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    const auto code = read_code(spelling, last_word(text.substr(at, end - at)));
    if (!code || count_ == codes_.size()) return false;
    codes_[count_++] = *code;
    at = end + 1;
  }
  return true;
}

}  // namespace mre
