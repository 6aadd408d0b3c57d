// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/ip_address.h"

namespace mre {

/// Where a TCP segment comes from or goes to.
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

/// What the checksums of IP and TCP say of a segment.
enum class Checksum : std::uint8_t {
  unknown,  ///< The capture has cut it, or nobody has computed it.
  right,
  partial,  ///< TCP's is that of the pseudo-header alone: a network card is to add the rest, or has merged
            ///< several segments into this one and checked each.
  wrong,
};

/// One TCP segment of a frame.
struct Segment {
  Endpoint from;
  Endpoint to;
  std::uint32_t seq = 0;  ///< Of the first byte of the payload; of the SYN, if it has that flag.
  std::uint32_t ack = 0;
  std::uint8_t flags = 0;
  std::uint32_t length = 0;  ///< Of the payload on the wire; more than `payload` holds if the capture cut it.
  std::string_view payload = {};  ///< A view into the frame.
  std::uint16_t urgent = 0;       ///< Bytes from `seq` to behind the urgent one; 0: none is urgent.
  std::uint8_t ip_header = 0;     ///< Bytes of IPv4's header, which is before TCP's; 0 for IPv6.
  std::uint8_t tcp_header = 0;    ///< Bytes of TCP's header, which is before the payload; 0: cut.
  Passage passage = Passage::unknown;
  Checksum checksum = Checksum::unknown;
  std::int64_t time_us = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// How far `to` lies behind `from` in the circle of sequence numbers; negative if it lies before it.
constexpr std::int32_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

}  // namespace mre
