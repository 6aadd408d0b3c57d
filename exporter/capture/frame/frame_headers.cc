// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/frame/frame_headers.h"

#include <algorithm>
#include <cstring>

namespace mre {
namespace {

constexpr FrameContent kOther = FrameContent::other;
constexpr FrameContent kUnreadable = FrameContent::unreadable;

constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86DD;
constexpr std::uint8_t kTcp = 6;
constexpr int kMaxVlanTags = 8;
constexpr int kMaxExtensions = 8;

/// The rest of the frame: the captured bytes, and the number of bytes on the wire.
struct Rest {
  std::string_view bytes;
  std::uint32_t length;

  bool has(std::size_t count) const { return bytes.size() >= count; }
  std::uint8_t u8(std::size_t at) const { return static_cast<std::uint8_t>(bytes[at]); }
  std::uint16_t u16(std::size_t at) const { return static_cast<std::uint16_t>(u8(at) << 8U | u8(at + 1)); }
  std::uint32_t u32(std::size_t at) const { return std::uint32_t{u16(at)} << 16U | u16(at + 2); }
  /// Removes a header. Precondition: it was captured.
  void pass(std::uint32_t count) {
    bytes.remove_prefix(count);
    length -= count;
  }
  /// Removes the padding after the first `total` bytes.
  void end_at(std::uint32_t total) {
    length = total;
    bytes = bytes.substr(0, total);
  }
};

FrameContent read_tcp(const Rest& rest, Segment& segment) {
  if (!rest.has(20)) return kUnreadable;
  const std::uint32_t header = (rest.u8(12) >> 4U) * 4U;
  if (header < 20 || header > rest.length) return kUnreadable;
  segment.from.port = rest.u16(0);
  segment.to.port = rest.u16(2);
  segment.seq = rest.u32(4);
  segment.ack = rest.u32(8);
  segment.flags = rest.u8(13);
  segment.length = rest.length - header;
  segment.payload = rest.bytes.substr(std::min<std::size_t>(header, rest.bytes.size()));
  segment.urgent = segment.has(kUrg) ? rest.u16(18) : std::uint16_t{0};
  segment.tcp_header = rest.has(header) ? static_cast<std::uint8_t>(header) : std::uint8_t{0};
  return FrameContent::segment;
}

/// Cuts `rest` to the length in the IP header, which is less than the frame if that is padded. The field is 0
/// if the length does not fit, because the network card splits the packet later (TSO): then the packet is the
/// whole frame.
bool cut_to(Rest& rest, std::uint32_t total, std::uint32_t header) {
  if (total == 0) return true;
  if (total < header || total > rest.length) return false;
  rest.end_at(total);
  return true;
}

IpAddress ipv6_address(const Rest& rest, std::size_t at) {
  IpAddress address;
  std::memcpy(address.data(), rest.bytes.data() + at, address.size());
  return address;
}

FrameContent read_ipv4(Rest rest, Segment& segment) {
  if (!rest.has(20)) return kUnreadable;
  const std::uint32_t header = (rest.u8(0) & 0x0FU) * 4U;
  if (rest.u8(9) != kTcp) return kOther;
  const bool fragment = (rest.u16(6) & 0x3FFFU) != 0;
  if (header < 20 || fragment || !cut_to(rest, rest.u16(2), header) || !rest.has(header)) return kUnreadable;
  segment.from.address = ipv4_address(rest.bytes.data() + 12);
  segment.to.address = ipv4_address(rest.bytes.data() + 16);
  segment.ip_header = static_cast<std::uint8_t>(header);
  rest.pass(header);
  return read_tcp(rest, segment);
}

/// The size of the extension header that `rest` starts with, of which 8 bytes are there; 0 if it is a
/// fragment.
std::uint32_t extension_size(const Rest& rest, std::uint8_t kind) {
  constexpr std::uint8_t kFragment = 44;
  constexpr std::uint8_t kAuthentication = 51;
  if (kind == kFragment) return (rest.u16(2) & 0xFFF9U) == 0 ? 8 : 0;
  if (kind == kAuthentication) return (rest.u8(1) + 2U) * 4U;
  return (rest.u8(1) + 1U) * 8U;
}

bool is_extension(std::uint8_t kind) {
  constexpr std::uint8_t kinds[] = {0, 43, 44, 51, 60, 135};  // RFC 8200 section 4, RFC 6275
  return std::ranges::find(kinds, kind) != std::end(kinds);
}

FrameContent read_ipv6(Rest rest, Segment& segment) {
  constexpr std::uint32_t kHeader = 40;
  if (!rest.has(kHeader)) return kUnreadable;
  segment.from.address = ipv6_address(rest, 8);
  segment.to.address = ipv6_address(rest, 24);
  segment.ip_header = 0;
  std::uint8_t next = rest.u8(6);
  const std::uint32_t payload = rest.u16(4);
  if (!cut_to(rest, payload == 0 ? 0 : kHeader + payload, kHeader)) {
    return next == kTcp || is_extension(next) ? kUnreadable : kOther;
  }
  rest.pass(kHeader);
  for (int i = 0; i < kMaxExtensions && is_extension(next); ++i) {
    if (!rest.has(8)) return kUnreadable;
    const std::uint32_t size = extension_size(rest, next);
    if (size == 0 || !rest.has(size)) return kUnreadable;
    next = rest.u8(0);
    rest.pass(size);
  }
  if (is_extension(next)) return kUnreadable;
  return next == kTcp ? read_tcp(rest, segment) : kOther;
}

FrameContent read_ip(const Rest& rest, Segment& segment) {
  if (!rest.has(1)) return kUnreadable;
  switch (rest.u8(0) >> 4U) {
    case 4:
      return read_ipv4(rest, segment);
    case 6:
      return read_ipv6(rest, segment);
    default:
      return kOther;
  }
}

/// `at` is the offset of the EtherType, which is the last two bytes of a header.
FrameContent read_ether_type(Rest rest, std::uint32_t at, Segment& segment) {
  const auto is_tag = [](std::uint16_t type) {
    return type == 0x8100 || type == 0x88A8 || type == 0x9100 || type == 0x9200;
  };
  for (int tags = 0; tags <= kMaxVlanTags; ++tags, at += 4) {
    if (!rest.has(at + 2)) return kUnreadable;
    const std::uint16_t type = rest.u16(at);
    if (is_tag(type)) continue;
    if (type != kIpv4 && type != kIpv6) return kOther;
    rest.pass(at + 2);
    return read_ip(rest, segment);
  }
  return kUnreadable;
}

FrameContent read_ip_after(Rest rest, std::uint32_t header, Segment& segment) {
  if (!rest.has(header)) return kUnreadable;
  rest.pass(header);
  return read_ip(rest, segment);
}

/// The direction that Linux writes into the header of a cooked capture.
FrameDirection direction_of(std::uint32_t packet_type, std::uint32_t device_type) {
  constexpr std::uint32_t kLoopback = 772;  // ARPHRD_LOOPBACK
  constexpr std::uint32_t kHost = 0;        // PACKET_HOST
  constexpr std::uint32_t kOutgoing = 4;    // PACKET_OUTGOING
  if (device_type == kLoopback) return FrameDirection::unknown;
  return packet_type == kHost       ? FrameDirection::received
         : packet_type == kOutgoing ? FrameDirection::sent
                                    : FrameDirection::unknown;
}

/// Linux "any", version 2: the EtherType comes first.
FrameContent read_linux_any_2(const Rest& rest, Segment& segment) {
  constexpr std::uint32_t kHeader = 20;
  if (!rest.has(kHeader)) return kUnreadable;
  segment.direction = direction_of(rest.u8(10), rest.u16(8));
  const std::uint16_t type = rest.u16(0);
  if (type == kIpv4 || type == kIpv6) return read_ip_after(rest, kHeader, segment);
  if (type != 0x8100 && type != 0x88A8) return kOther;
  Rest tagged = rest;
  tagged.pass(kHeader);
  return read_ether_type(tagged, 2, segment);  // after the tag's TCI
}

FrameContent read_link(std::uint32_t link_type, const Rest& rest, Segment& segment) {
  switch (link_type) {
    case 1:  // Ethernet
      return read_ether_type(rest, 12, segment);
    case 0:    // BSD loopback; the family has the byte order of the capturing machine, so use the IP version
    case 108:  // OpenBSD loopback
      return read_ip_after(rest, 4, segment);
    case 12:  // raw IP; the number depends on the system
    case 14:
    case 101:
    case 228:  // IPv4
    case 229:  // IPv6
      return read_ip(rest, segment);
    case 113:  // Linux "any"
      if (rest.has(4)) segment.direction = direction_of(rest.u16(0), rest.u16(2));
      return read_ether_type(rest, 14, segment);
    case 276:
      return read_linux_any_2(rest, segment);
    default:
      return kUnreadable;
  }
}

}  // namespace

FrameContent read_frame(const Frame& frame, Segment& segment) {
  const auto captured = static_cast<std::uint32_t>(std::min<std::size_t>(frame.bytes.size(), UINT32_MAX));
  segment.time_us = frame.time_us;
  segment.direction = frame.direction;
  return read_link(frame.link_type, {.bytes = frame.bytes, .length = std::max(frame.length, captured)},
                   segment);
}

std::string to_string(const Endpoint& endpoint) {
  const std::string address = to_string(endpoint.address);
  return (is_ipv4(endpoint.address) ? address : "[" + address + "]") + ":" + std::to_string(endpoint.port);
}

}  // namespace mre
