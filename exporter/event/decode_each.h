// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include "exporter/event/decoder.h"

namespace mre {

/// Decoder::decode_lines of a decoder without a faster way: decodes each line on its own.
inline DecodedLines decode_each(Decoder& decoder, const LineBlock& lines, EventSink& sink) {
  DecodedLines read;
  const char* const end = lines.text.data() + lines.text.size();
  for (const char* at = lines.text.data(); at != end && !read.strange;) {
    const auto* const newline =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const std::string_view line(at, static_cast<std::size_t>(newline - at));
    if (line.size() > lines.max_line_bytes || line.starts_with('\0') || line.ends_with('\r')) break;
    const Decoded decoded = decoder.decode({line, {}}, sink);
    if (decoded.outcome == Outcome::matched) {
      ++read.matched;
    } else if (decoded.outcome == Outcome::ignored) {
      ++read.ignored;
    } else {
      read.strange = decoded;
      read.strange_line = line;
    }
    at = newline + 1;
    read.bytes = static_cast<std::size_t>(at - lines.text.data());
  }
  return read;
}

}  // namespace mre
