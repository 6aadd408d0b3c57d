// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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

  /// The rest of the line from `at`, which is in `text`, up to its "\n".
  static std::string_view line_from(const char* at) { return {at, end_of_line(at)}; }

  /// The "\n" at or after `at`, which is in `text`. There is one, because `text` ends with it: without a limit, a line
  /// costs 9 instructions less.
  static const char* end_of_line(const char* at) { return static_cast<const char*>(::rawmemchr(at, '\n')); }

  /// Whether a line needs special treatment: it is too long, or has a NUL at its beginning or "\r" at its end.
  bool is_special(std::string_view line) const {
    return line.size() > max_line_bytes || (!line.empty() && (line.front() == '\0' || line.back() == '\r'));
  }
};

}  // namespace mre
