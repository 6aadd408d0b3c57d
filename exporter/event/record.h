// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mre {

/// One log line or one MQTT message, as bytes, with its origin.
///
/// The views belong to the source and are valid until its next record is requested. The bytes can be
/// anything: empty, with NULs, or not valid UTF-8.
struct Record {
  std::string_view payload;  ///< The line without its line end, or the message's payload.
  std::string_view topic;    ///< The topic of an MQTT message; empty for a log line.
  bool retained = false;     ///< An MQTT message the broker had stored: a state, not an event. Never counted.
  /// When it was made, in microseconds since 1970, where the source knows it apart from the bytes (packets);
  /// 0 elsewhere.
  std::int64_t time_us = 0;
};

/// Lines of a log, one after another, each with its "\n".
struct LineBlock {
  std::string_view text;
  std::size_t max_line_bytes = 0;  ///< A longer line is not to be decoded.
};

}  // namespace mre
