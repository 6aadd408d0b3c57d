// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mre {

/// The content of one log line, without its envelope.
struct Opened {
  enum class Kind : std::uint8_t {
    refused,   ///< The line does not have the form of the envelope.
    bare,      ///< There is no envelope: the line is the text.
    nothing,   ///< The form is right, but it contains no text of the broker.
    foreign,   ///< The form is right, but the content is not the broker's.
    piece,     ///< Text of a line that continues in a later record of the same stream.
    line,      ///< The end of a line; the whole line if no piece preceded it.
    too_long,  ///< The text was too long for the program that wrote it, or for this reader.
  };
  enum class Stream : std::uint8_t { out, err };

  Kind kind = Kind::refused;
  std::string_view text = {};  ///< A view into the line or a buffer; valid until the next line is opened.
  Stream stream = Stream::out;
  std::span<const std::string_view> more = {};  ///< Further lines after `text`.
  /// No other format begins like this envelope. If false, a line is recognised by its text.
  bool certain = true;
  bool coloured = false;          ///< The text may contain colour codes that were escaped in the line.
  std::string_view service = {};  ///< The program that wrote the text, as the envelope names it; or empty.
};

/// Parses the stream name of a container engine.
constexpr bool read_stream(std::string_view name, Opened::Stream& stream) {
  stream = name == "stderr" ? Opened::Stream::err : Opened::Stream::out;
  return name == "stdout" || name == "stderr";
}

}  // namespace mre
