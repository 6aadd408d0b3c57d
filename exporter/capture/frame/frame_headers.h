// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/segment.h"

namespace mre {

/// What a frame holds for who follows TCP connections.
enum class FrameContent : std::uint8_t {
  segment,
  other,       ///< Whole, but no TCP: ARP, UDP, …
  unreadable,  ///< Cut within its headers, headers that contradict each other, an IP fragment, or a link type
               ///< that is not known.
};

/// Reads the headers of one frame into `segment`, if it has one: link layer (Ethernet, loopback, raw IP,
/// Linux "any"; VLAN tags), IPv4 or IPv6, TCP. A pure function; the payload is a view into the frame.
///
/// Lost: segments that IP has cut into fragments. MQTT connections have none, as TCP finds the size that fits
/// the path; to put them together would cost memory that a stranger chooses.
///
/// Source: tcpdump.org/linktypes.html; IEEE 802.1Q; RFC 791, 8200, 9293.
FrameContent read_frame(const Frame& frame, Segment& segment);

}  // namespace mre
