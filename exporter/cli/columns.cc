// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli/columns.h"

#include <algorithm>

namespace mre {

std::size_t columns(std::string_view utf8) {
  const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins_character));
}

std::string padded(std::string_view utf8, std::size_t width) {
  std::string out(utf8);
  out.append(width - std::min(width, columns(utf8)), ' ');
  return out;
}

std::string padded_left(std::string_view utf8, std::size_t width) {
  std::string out(width - std::min(width, columns(utf8)), ' ');
  return out += utf8;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const bool first = column == indent;
    if (!first && column + 1 + columns(word) > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += columns(word);
  }
  return out;
}

}  // namespace mre
