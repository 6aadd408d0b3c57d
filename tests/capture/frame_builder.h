// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/capture/connection/connection_tracker.h"
#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/segment.h"
#include "exporter/event/event_texts.h"
#include "exporter/mqtt/wire.h"

// Builds the frames that a capture of two communicating sides contains. Written from the RFCs, without the
// code under test.
namespace mre::test {

using Side = mqtt::Side;

inline constexpr std::int64_t kSecond = 1'000'000;  ///< In microseconds, as the times of frames are.
/// The event of an accepted CONNECT.
inline constexpr const char* kAccepted = "CONNACK sent 5.0 0x00 explicit";

inline std::string be16(unsigned value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}
inline std::string be32(std::uint32_t value) { return be16(value >> 16U) + be16(value & 0xFFFFU); }

/// Bytes from hex digits; ignores spaces.
inline std::string hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size();) {
    if (digits[i] == ' ') {
      ++i;
      continue;
    }
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    i += 2;
  }
  return bytes;
}

/// A link type and the header that precedes the IP packet.
struct Link {
  std::string_view name;
  std::uint32_t type;
  bool ipv6;
  std::string head;
};

inline const std::vector<Link>& links() {
  static const std::string macs = hex("0200 0000 0001 0200 0000 0002");
  static const std::vector<Link> all{
      {"Ethernet", 1, false, macs + hex("0800")},
      {"Ethernet, IPv6", 1, true, macs + hex("86DD")},
      {"one VLAN tag", 1, false, macs + hex("8100 0064 0800")},
      {"two VLAN tags, IPv6", 1, true, macs + hex("88A8 0064 8100 0065 86DD")},
      {"BSD loopback of a little-endian machine", 0, false, hex("0200 0000")},
      {"BSD loopback, IPv6 of macOS", 0, true, hex("1E00 0000")},
      {"OpenBSD loopback", 108, false, hex("0000 0002")},
      {"raw", 101, false, ""},
      {"raw, IPv6", 101, true, ""},
      {"raw, the number of BSD", 12, false, ""},
      {"raw, the number of OpenBSD", 14, true, ""},
      {"IPv4", 228, false, ""},
      {"IPv6", 229, true, ""},
      {"Linux any", 113, false, hex("0000 0001 0006 0200 0000 0001 0000 0800")},
      {"Linux any, VLAN", 113, true, hex("0000 0001 0006 0200 0000 0001 0000 8100 0064 86DD")},
      {"Linux any, second", 276, false, hex("0800 0000 0000 0002 0001 00 06 0200 0000 0001 0000")},
      {"Linux any, second, VLAN", 276, true,
       hex("8100 0000 0000 0002 0001 00 06 0200 0000 0001 0000 0064 86DD")},
  };
  return all;
}

inline Endpoint endpoint(const std::string& address, std::uint16_t port) {
  return {.address = parse_ip_address(address).value(), .port = port};
}

/// RFC 1071.
inline std::string internet_checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i])) << (i % 2 == 0 ? 8U : 0U);
  }
  while (sum > 0xFFFF) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return be16(~sum & 0xFFFFU);
}

struct BuiltFrame {
  std::uint32_t link_type;
  std::string bytes;
  std::int64_t time_us;
  Side sender;
  std::size_t tcp_at;  // offset of the TCP header
  bool ipv6 = false;
  bool handshake = false;

  void set_checksum(const std::string& sum) { bytes.replace(tcp_at + 16, 2, sum); }
  /// The checksum field before a network card completes it.
  std::string partial_checksum() const {
    const std::size_t addresses = ipv6 ? 32 : 8;
    const auto size = static_cast<std::uint32_t>(bytes.size() - tcp_at);
    std::string sum = internet_checksum(bytes.substr(tcp_at - addresses, addresses) + be32(6) + be32(size));
    for (char& byte : sum) byte = static_cast<char>(~byte);
    return sum;
  }
  /// Makes the valid checksum invalid, so that the receiver drops the frame.
  BuiltFrame& spoil() {
    std::string sum = bytes.substr(tcp_at + 16, 2);
    sum[0] = static_cast<char>(sum[0] ^ 0x5A);
    if (sum == partial_checksum()) sum[0] = static_cast<char>(sum[0] ^ 0x33);
    set_checksum(sum);
    return *this;
  }

  Frame frame() const {
    return {.time_us = time_us,
            .link_type = link_type,
            .length = static_cast<std::uint32_t>(bytes.size()),
            .bytes = bytes};
  }
};

inline std::string tcp_segment(std::uint16_t from, std::uint16_t to, std::uint32_t seq, std::uint32_t ack,
                               unsigned flags, std::string_view payload, unsigned urgent = 0) {
  const std::string options = hex("0101 080A 0000 0001 0000 0002");  // timestamps, as Linux sends
  return be16(from) + be16(to) + be32(seq) + be32(ack) + be16(0x8000U | flags) + hex("FFFF 0000") +
         be16(urgent) + options + std::string(payload);
}

/// Adds the checksums of IP and of `tcp`, whose field is 0.
inline std::string ip_packet(bool ipv6, const Endpoint& from, const Endpoint& to, std::string tcp) {
  const auto text = [](const IpAddress& address, std::size_t skip) {
    return std::string(address.begin() + static_cast<std::ptrdiff_t>(skip), address.end());
  };
  const auto size = static_cast<unsigned>(tcp.size());
  const std::size_t skip = ipv6 ? 0 : 12;
  const std::string addresses = text(from.address, skip) + text(to.address, skip);
  tcp.replace(16, 2, internet_checksum(addresses + be32(6) + be32(size) + tcp));
  if (ipv6) return hex("6000 0000") + be16(size) + hex("0640") + addresses + tcp;
  const std::string head = hex("4500") + be16(size + 20) + hex("0001 4000 4006");
  return head + internet_checksum(head + addresses) + addresses + tcp;
}

/// A binary message, masked by clients: RFC 6455 section 5.
inline std::string websocket_frame(std::string_view bytes, Side side) {
  constexpr std::string_view kMask = "\x11\x22\x33\x44";
  const unsigned masked = side == Side::client ? 0x80 : 0;
  const auto size = static_cast<unsigned>(bytes.size());
  std::string frame = "\x82";
  frame += static_cast<char>(masked | (size < 126 ? size : 126));
  if (size >= 126) frame += be16(size);
  if (masked == 0) return frame + std::string(bytes);
  frame += kMask;
  for (std::size_t i = 0; i < size; ++i) frame += static_cast<char>(bytes[i] ^ kMask[i % 4]);
  return frame;
}

/// A TCP connection whose sides send what the test asks for.
class ConnectionBuilder {
 public:
  explicit ConnectionBuilder(std::uint16_t client_port = 50000, const Link& link = links()[0])
      : client(endpoint(link.ipv6 ? "2001:db8::7" : "192.0.2.7", client_port)),
        broker(endpoint(link.ipv6 ? "2001:db8::1" : "192.0.2.1", 1883)),
        link_(link) {}

  Endpoint client;
  Endpoint broker;
  std::int64_t now_us = 1'700'000'000'000'000;
  std::int64_t step_us = 100;
  std::uint32_t next[2] = {1000, 2'000'000};  // sequence number of each side; initially of its SYN
  bool in_websocket = false;                  // `write` sends a frame
  std::vector<BuiltFrame> frames;

  ConnectionBuilder& open() {
    send(Side::client, kSyn);
    send(Side::broker, kSyn | kAck);
    send(Side::client, kAck);
    for (BuiltFrame& frame : frames) frame.handshake = true;
    return *this;
  }
  /// The broker answers the same SYN twice, with numbers `apart`; the answer `accepted`, 0 or 1, is the real one.
  ConnectionBuilder& open_answered_twice(std::uint32_t apart, std::size_t accepted) {
    send(Side::client, kSyn);
    const std::uint32_t numbers[] = {next[1], next[1] + apart};
    for (const std::uint32_t number : numbers) add(Side::broker, number, next[0], kSyn | kAck, {});
    next[1] = numbers[accepted] + 1;
    send(Side::client, kAck);
    for (BuiltFrame& frame : frames) frame.handshake = true;
    return *this;
  }
  /// Sends segments of `size` bytes; the other side acknowledges each in a frame, unless `acknowledged` is
  /// false.
  ConnectionBuilder& write(Side side, std::string_view bytes, std::size_t size = 1460,
                           bool acknowledged = true) {
    const std::string frame = in_websocket ? websocket_frame(bytes, side) : "";
    if (in_websocket) bytes = frame;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
      send(side, kAck, bytes.substr(0, size));
      if (acknowledged) send(other_side(side), kAck);
    }
    return *this;
  }
  /// Switches to WebSocket.
  ConnectionBuilder& upgrade(std::size_t size = 1460) {
    write(Side::client, "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", size);
    write(Side::broker, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", size);
    in_websocket = true;
    return *this;
  }
  ConnectionBuilder& fin(Side side) {
    send(side, kFin | kAck);
    return *this;
  }
  ConnectionBuilder& close(Side first) {
    fin(first).fin(other_side(first));
    send(first, kAck);
    return *this;
  }
  ConnectionBuilder& reset(Side side) {
    send(side, kRst | kAck);
    return *this;
  }
  ConnectionBuilder& pause(std::int64_t us) {
    now_us += us;
    return *this;
  }
  void send(Side side, unsigned flags, std::string_view payload = {}) {
    std::uint32_t& seq = next[index(side)];
    const std::uint32_t ack = (flags & kAck) != 0 ? next[index(other_side(side))] : 0;
    add(side, seq, ack, flags, payload);
    seq += static_cast<std::uint32_t>(payload.size()) + ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
  }
  /// Sends a byte that the broker does not read: send() with MSG_OOB.
  ConnectionBuilder& write_urgent(std::string_view one) {
    add(Side::client, next[0], next[1], kAck | kUrg, one, 1);
    ++next[0];
    return *this;
  }
  /// Adds a frame with any numbers, without changing the state of the connection.
  BuiltFrame& add(Side side, std::uint32_t seq, std::uint32_t ack, unsigned flags, std::string_view payload,
                  unsigned urgent = 0) {
    const Endpoint& from = side == Side::client ? client : broker;
    const Endpoint& to = side == Side::client ? broker : client;
    const std::string tcp = tcp_segment(from.port, to.port, seq, ack, flags, payload, urgent);
    std::string head = link_.head;  // a cooked header holds the direction
    const char way = side == Side::client ? 0 : 4;
    if (link_.type == 113) head[1] = way;
    if (link_.type == 276) head[10] = way;
    frames.push_back({.link_type = link_.type,
                      .bytes = head + ip_packet(link_.ipv6, from, to, tcp),
                      .time_us = now_us,
                      .sender = side,
                      .tcp_at = head.size() + (link_.ipv6 ? 40 : 20),
                      .ipv6 = link_.ipv6});
    now_us += step_us;
    return frames.back();
  }

 private:
  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }

  Link link_;
};

// Control packets: OASIS MQTT 5.0 and 3.1.1 section 3.

enum class Level : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

inline std::string packet(unsigned first_byte, const std::string& body) {
  std::string length;
  std::size_t rest = body.size();
  do {
    length += static_cast<char>((rest & 0x7FU) | (rest > 0x7F ? 0x80U : 0U));
    rest >>= 7U;
  } while (rest != 0);
  return std::string(1, static_cast<char>(first_byte)) + length + body;
}
inline std::string text(std::string_view value) {
  return be16(static_cast<unsigned>(value.size())) + std::string(value);
}
inline std::string byte(unsigned value) { return std::string(1, static_cast<char>(value)); }
inline std::string properties(Level level) { return level == Level::v5 ? byte(0) : ""; }

inline std::string connect(Level level, unsigned keep_alive = 60, std::string_view id = "client") {
  const std::string name = text(level == Level::v3_1 ? "MQIsdp" : "MQTT");
  return packet(0x10, name + byte(static_cast<unsigned>(level)) + byte(2) + be16(keep_alive) +
                          properties(level) + text(id));
}
inline std::string connack(Level level, unsigned code = 0) {
  return packet(0x20, byte(0) + byte(code) + properties(level));
}
inline std::string publish(Level level, unsigned qos, std::string_view payload) {
  return packet(0x30 | qos << 1U,
                text("e/f") + (qos == 0 ? "" : be16(7)) + properties(level) + std::string(payload));
}
inline std::string puback(unsigned code) { return packet(0x40, be16(7) + byte(code)); }  // of MQTT 5.0
inline std::string subscribe(Level level, int filters = 2) {
  std::string body = be16(9) + properties(level);
  for (int i = 0; i < filters; ++i) body += text("c/d") + byte(1);
  return packet(0x82, body);
}
inline std::string suback(Level level, const std::string& codes) {
  return packet(0x90, be16(9) + properties(level) + codes);
}
inline std::string pingreq() { return hex("C000"); }
inline std::string disconnect() { return hex("E000"); }
inline std::string disconnect(unsigned code) { return packet(0xE0, byte(code)); }  // of MQTT 5.0

/// A connection with an accepted client.
inline ConnectionBuilder opened(Level level, unsigned keep_alive = 60) {
  ConnectionBuilder made;
  made.open().write(Side::client, connect(level, keep_alive)).write(Side::broker, connack(level));
  return made;
}

/// The events of a tracker as sorted text, and its status.
struct Tracked {
  std::vector<std::string> events;
  SourceStatus status;
};

inline Tracked track(const std::vector<BuiltFrame>& frames, const CaptureOptions& options = {},
                     LocalAddresses* local = nullptr) {
  Tracked tracked;
  EventTexts list;
  ConnectionTracker tracker(options, tracked.status, local);
  for (const BuiltFrame& frame : frames) tracker.process(frame.frame(), list);
  tracker.finish(list);
  tracked.events = std::move(list.texts);
  std::ranges::sort(tracked.events);
  return tracked;
}

}  // namespace mre::test
