// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace mre {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026
constexpr char kHex[] = "0123456789ABCDEF";

/// The first character of a text. `bytes` is 0 if the text does not start with a valid sequence.
struct Character {
  std::uint32_t code_point = 0;
  std::size_t bytes = 0;
};

/// Unicode 15, table 3-7: no surrogates, no overlong forms, nothing above U+10FFFF. `text` is not empty.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xC2 || lead > 0xF4) return {};
  const std::size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < bytes) return {};
  std::uint32_t code_point = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code_point = code_point << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (bytes == 3 && code_point < 0x800) || (bytes == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (overlong || surrogate || code_point > 0x10FFFF) return {};
  return {code_point, bytes};
}

/// C0, DEL, C1, the line and paragraph separators, and the bidirectional controls.
bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F || c == 0x2028 ||
         c == 0x2029 || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// \xNN below U+0100, else \u{NNNN}.
void append_escaped(std::string& out, std::uint32_t c) {
  const bool wide = c > 0xFF;
  out += wide ? "\\u{" : "\\x";
  for (int shift = wide ? 12 : 4; shift >= 0; shift -= 4) out += kHex[(c >> shift) & 0xFU];
  if (wide) out += '}';
}

}  // namespace

std::string printable(std::string_view text, std::size_t max_bytes) {
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (text.size() <= max_bytes && std::ranges::all_of(text, is_plain)) return std::string(text);
  std::string out;
  std::size_t cut = 0;  // the longest prefix of `out` that leaves space for the ellipsis
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.bytes == 0) {
      out += kReplacement;
    } else if (is_control(character.code_point)) {
      append_escaped(out, character.code_point);
    } else {
      out += text.substr(0, character.bytes);
    }
    if (out.size() > max_bytes) {
      out.resize(cut);
      if (max_bytes >= kEllipsis.size()) out += kEllipsis;
      return out;
    }
    if (out.size() + kEllipsis.size() <= max_bytes) cut = out.size();
    text.remove_prefix(character.bytes == 0 ? 1 : character.bytes);
  }
  return out;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = lower_case(c);
  return lower;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, {}, [](char c) { return lower_case(c); }, [](char c) { return lower_case(c); });
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    std::uint64_t word = 0;
    if (text.size() >= sizeof word) {  // eight ASCII characters at once
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        text.remove_prefix(sizeof word);
        continue;
      }
    }
    const Character character = first_character(text);
    if (character.bytes == 0) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string json_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace mre
