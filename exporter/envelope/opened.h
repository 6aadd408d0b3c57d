#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mre {

/// What one line of a log holds inside its envelope.
struct Opened {
  enum class Kind : std::uint8_t {
    refused,   ///< It has not the shape of the envelope.
    nothing,   ///< It has the shape, and no text of the broker.
    piece,     ///< Text of a line that goes on in a later record of the same stream.
    line,      ///< Text that ends a line; the whole line if no piece came before.
    too_long,  ///< There was a text, but it was too long for who wrote or reads it.
  };
  enum class Stream : std::uint8_t { out, err };

  Kind kind = Kind::refused;
  std::string_view text = {};  ///< Into the line, or a buffer of who opened it; until the next is opened.
  Stream stream = Stream::out;
  std::span<const std::string_view> more = {};  ///< Further lines beside `text`.
};

/// The stream that a container engine names.
constexpr bool read_stream(std::string_view name, Opened::Stream& stream) {
  stream = name == "stderr" ? Opened::Stream::err : Opened::Stream::out;
  return name == "stdout" || name == "stderr";
}

}  // namespace mre
