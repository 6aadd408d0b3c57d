// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mre {

/// What one line of a log holds inside its envelope.
struct Opened {
  enum class Kind : std::uint8_t {
    refused,   ///< It has not the shape of the envelope.
    bare,      ///< There is no envelope: the line is the text.
    nothing,   ///< It has the shape, and no text of the broker.
    foreign,   ///< It has the shape, and what it holds is not the broker's.
    piece,     ///< Text of a line that continues in a later record of the same stream.
    line,      ///< Text that ends a line; the whole line if no piece came before.
    too_long,  ///< There was a text, but it was too long for who wrote or reads it.
  };
  enum class Stream : std::uint8_t { out, err };

  Kind kind = Kind::refused;
  std::string_view text = {};  ///< Into the line, or a buffer of who opened it; until the next is opened.
  Stream stream = Stream::out;
  std::span<const std::string_view> more = {};  ///< Further lines beside `text`.
  /// Nothing but this envelope begins like that. Otherwise a line in it is recognised by its text.
  bool certain = true;
  bool coloured = false;  ///< The text may hold codes that colour it, which the line did not show as such.
  std::string_view service = {};  ///< The program that wrote the text, as the envelope names it; or empty.
};

/// The stream that a container engine names.
constexpr bool read_stream(std::string_view name, Opened::Stream& stream) {
  stream = name == "stderr" ? Opened::Stream::err : Opened::Stream::out;
  return name == "stdout" || name == "stderr";
}

}  // namespace mre
