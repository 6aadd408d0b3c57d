// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/colours.h"

namespace mre {
namespace {

constexpr char kEscape = '\x1b';

/// Length of the colour code at the beginning of `text`; 0 if there is none.
std::size_t colour_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;:", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string_view without_colours(std::string_view text, std::string& buffer) {
  std::size_t escape = text.find(kEscape);
  if (escape == std::string_view::npos) return text;
  buffer.clear();
  while (escape != std::string_view::npos) {
    buffer.append(text, 0, escape);
    text.remove_prefix(escape);
    const std::size_t length = colour_length(text);
    if (length == 0) buffer.push_back(kEscape);
    text.remove_prefix(length == 0 ? 1 : length);
    escape = text.find(kEscape);
  }
  buffer.append(text);
  return buffer;
}

bool has_colours(std::string_view text) {
  for (std::size_t escape = text.find(kEscape); escape != std::string_view::npos;
       escape = text.find(kEscape, escape + 1)) {
    if (colour_length(text.substr(escape)) > 0) return true;
  }
  return false;
}

}  // namespace mre
