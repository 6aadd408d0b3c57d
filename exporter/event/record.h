// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace mre {

/// One log line or one MQTT message, as bytes, with where it came from.
///
/// The views belong to the source that handed the record out and stay valid until it is asked for the next
/// one. Nothing about the bytes is promised: they may be empty, hold NUL or be no UTF-8.
struct Record {
  std::string_view payload;  ///< The line without its line end, or the message's payload.
  std::string_view topic;    ///< The topic of an MQTT message; empty for a log line.
  bool retained = false;     ///< An MQTT message the broker had stored: a state, not an event. Never counted.
};

/// Lines of a log, one after another, each with its "\n".
struct LineBlock {
  std::string_view text;
  std::size_t max_line_bytes = 0;  ///< A longer line is not to be decoded.
};

}  // namespace mre
