// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mre {

/// Which way a frame passed the machine that captured it, as its kernel says.
enum class Passage : std::uint8_t {
  unknown,  ///< Not said; or it went round within the machine.
  received,
  sent,
};

/// One frame of a capture. The bytes belong to whoever hands it out.
struct Frame {
  std::int64_t time_us = 0;     ///< Microseconds since the Unix epoch, by the clock of the capture.
  std::uint32_t link_type = 0;  ///< LINKTYPE_ number as files have it (tcpdump.org/linktypes.html).
  std::uint32_t length = 0;     ///< On the network; more than `bytes` holds if the capture cut it.
  std::string_view bytes;       ///< From the link-layer header on.
  Passage passage = Passage::unknown;
};

}  // namespace mre
