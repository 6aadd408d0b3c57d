// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mre {

/// ASCII only.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Converts `text` to one line that is safe in a log, a page or a label: valid UTF-8 (each invalid byte becomes
/// U+FFFD), control characters (C0, DEL, C1, U+2028, U+2029, bidi overrides and marks) written as \xNN or
/// \u{NNNN}, and cut to at most `max_bytes` bytes including a final "…". Time and memory are limited by
/// `max_bytes`.
std::string printable(std::string_view text, std::size_t max_bytes = 256);

/// For a whole message of the exporter, so that its remedy is not cut off.
inline constexpr std::size_t kMessageBytes = 16 * 1024;

/// "1 record", "3 records": for nouns whose plural ends in s.
std::string counted(std::uint64_t count, std::string_view noun);

/// Whether `text` is valid UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// `text` with & < > " ' escaped for HTML.
std::string html_escape(std::string_view text);

/// `text` escaped for a JSON string, without the quotes. `text` must be valid UTF-8.
std::string json_escape(std::string_view text);

}  // namespace mre
