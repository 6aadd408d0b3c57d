// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mre {

/// The direction of a frame relative to the machine that captured it, as its kernel reports it.
enum class FrameDirection : std::uint8_t {
  unknown,  ///< Not reported, or the frame stayed within the machine (loopback).
  received,
  sent,
};

/// One captured frame. The bytes belong to the input that returned it.
struct Frame {
  std::int64_t time_us = 0;     ///< Microseconds since the Unix epoch, by the clock of the capture.
  std::uint32_t link_type = 0;  ///< LINKTYPE_ number as in capture files (tcpdump.org/linktypes.html).
  std::uint32_t length = 0;     ///< On the network; larger than `bytes` if the capture cut the frame.
  std::string_view bytes;       ///< Starts with the link-layer header.
  FrameDirection direction = FrameDirection::unknown;
};

}  // namespace mre
