// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "exporter/event/envelope.h"

namespace mre {

/// Where a log source reads, and how.
struct LogOptions {
  enum class From : std::uint8_t {
    checkpoint,  ///< Where it had come to when it ended; where that is not known, at the end.
    end,
    beginning,
  };

  std::string path;  ///< A file, followed by name; a glob(7) pattern; a FIFO; or "-", standard input.
  From from = From::checkpoint;  ///< Where to start in a file that is there when the exporter starts.
  /// The largest `max_line_bytes`: a line is held in memory while it is read.
  static constexpr std::size_t kMostLineBytes = 16 * 1024 * 1024;

  std::size_t max_line_bytes = 65536;    ///< A longer line (line end not counted) is skipped and counted.
  Envelope envelope = Envelope::detect;  ///< What is written around each of the broker's lines.
  std::size_t max_files =
      1024;  ///< At least 1. Files of a pattern that are followed; the others are counted.

  bool operator==(const LogOptions&) const = default;
};

}  // namespace mre
