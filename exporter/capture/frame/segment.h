// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/ip_address.h"

namespace mre {

/// The source or destination of a TCP segment.
struct Endpoint {
  IpAddress address{};
  std::uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
};

/// "192.0.2.7:49152" or "[2001:db8::1]:1883".
std::string to_string(const Endpoint& endpoint);

// Flags of a TCP header (RFC 9293 section 3.1).
inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kRst = 0x04;
inline constexpr std::uint8_t kAck = 0x10;
inline constexpr std::uint8_t kUrg = 0x20;

/// The result of verifying the checksums of IP and TCP.
enum class Checksum : std::uint8_t {
  unknown,  ///< The capture has cut the segment, or the checksum was not verified.
  valid,
  partial,  ///< TCP's covers the pseudo-header only: a network card will complete it, or has merged several
            ///< segments and verified each.
  invalid,
};

/// A TCP segment in a frame.
struct Segment {
  Endpoint from;
  Endpoint to;
  std::uint32_t seq = 0;  ///< Of the first payload byte, or of the SYN.
  std::uint32_t ack = 0;
  std::uint8_t flags = 0;
  std::uint32_t length = 0;  ///< Of the payload on the wire; larger than `payload` if the capture cut it.
  std::string_view payload = {};  ///< A view into the frame.
  std::uint16_t urgent = 0;       ///< Offset of the byte after the urgent one, from `seq`; 0: none.
  std::uint8_t ip_header = 0;     ///< Size of IPv4's header, which precedes TCP's; 0 for IPv6.
  std::uint8_t tcp_header = 0;    ///< Size of TCP's header, which precedes the payload; 0: cut.
  FrameDirection direction = FrameDirection::unknown;
  Checksum checksum = Checksum::unknown;
  std::int64_t time_us = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// The distance from `from` to `to` in the circular space of sequence numbers; negative if `to` precedes
/// `from`.
constexpr std::int32_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

}  // namespace mre
