// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "exporter/event/envelope.h"

namespace mre {

/// What a log source reads, and from where.
struct LogOptions {
  enum class From : std::uint8_t {
    checkpoint,  ///< At the saved position; without one, at the end.
    end,
    beginning,
  };

  std::string path;  ///< A file, followed by name; a glob(7) pattern; a FIFO; or "-", standard input.
  From from = From::checkpoint;  ///< Where to start in a file that exists when the exporter starts.
  /// The maximum of `max_line_bytes`. A line is held in memory while it is read.
  static constexpr std::size_t kMaxLineBytes = 16 * 1024 * 1024;

  std::size_t max_line_bytes = 65536;    ///< Longer lines (without their line end) are skipped and counted.
  Envelope envelope = Envelope::detect;  ///< The format around each of the broker's lines.
  std::size_t max_files = 1024;          ///< Of a pattern, at least 1. Further files are only counted.

  bool operator==(const LogOptions&) const = default;
};

}  // namespace mre
