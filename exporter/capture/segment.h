#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/capture/ip_address.h"

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

/// One TCP segment of a frame.
struct Segment {
  Endpoint from;
  Endpoint to;
  std::uint32_t seq = 0;  ///< Of the first byte of the payload; of the SYN, if it has that flag.
  std::uint32_t ack = 0;
  std::uint8_t flags = 0;
  std::uint32_t length = 0;  ///< Of the payload on the wire; more than `payload` holds if the capture cut it.
  std::string_view payload = {};  ///< A view into the frame.
  std::int64_t time_us = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// How far `to` lies behind `from` in the circle of sequence numbers; negative if it lies before it.
constexpr std::int32_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

}  // namespace mre
