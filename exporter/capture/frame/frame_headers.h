// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/segment.h"

namespace mre {

/// The content of a frame, for the tracking of TCP connections.
enum class FrameContent : std::uint8_t {
  segment,
  other,       ///< Complete, but not TCP: ARP, UDP, …
  unreadable,  ///< Cut within its headers, contradictory headers, an IP fragment, or an unknown link type.
};

/// Parses the headers of one frame into `segment`, if it holds one: link layer (Ethernet, loopback, raw IP,
/// Linux "any"; VLAN tags), IPv4 or IPv6, TCP. A pure function; the payload is a view into the frame.
///
/// Lost: segments in IP fragments, which are unreadable. MQTT connections have none, because TCP finds the
/// packet size of the path, and reassembly would use memory whose amount an attacker chooses.
///
/// Source: tcpdump.org/linktypes.html; IEEE 802.1Q; RFC 791, 8200, 9293.
FrameContent read_frame(const Frame& frame, Segment& segment);

}  // namespace mre
