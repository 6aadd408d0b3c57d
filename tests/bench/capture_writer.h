// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace mre {

/// Writes a capture (pcap, Ethernet, IPv4) of TCP connections to one broker as its host would see it:
/// sequence and acknowledgement numbers, timestamps and checksums are right, and segments hold at most 1448
/// bytes.
class CaptureWriter {
 public:
  enum class Side : std::uint8_t { client, broker };

  static constexpr std::uint16_t kPort = 1883;  ///< The broker's.
  static constexpr std::size_t kSegment = 1448;

  /// A connection. 16 bytes, because there are many.
  struct Connection {
    std::uint32_t address;       ///< Of the client. Address and port together are unique.
    std::uint16_t port;          ///< Of the client.
    std::uint32_t next[2] = {};  ///< Sequence number of the next byte of the client and of the broker.
  };

  explicit CaptureWriter(std::FILE* file);

  void open(Connection& connection);  ///< SYN, SYN ACK, ACK.
  /// All bytes, in as many segments as they need. Each acknowledges all that the other side has sent.
  void send(Connection& connection, Side sender, std::string_view bytes);
  void acknowledge(Connection& connection, Side sender);
  void close(Connection& connection, Side first);  ///< FIN ACK of both sides and the last ACK.

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t frames() const { return frames_; }
  void flush();

 private:
  void frame(Connection& connection, Side sender, std::uint8_t flags, std::string_view payload);
  void record_header(std::size_t payload_bytes);  ///< Of pcap.
  void ethernet_header(Side sender);
  void ip_header(const Connection& connection, Side sender, std::size_t payload_bytes);
  void tcp_segment(Connection& connection, Side sender, std::uint8_t flags, std::string_view payload);

  std::FILE* const file_;
  std::string buffer_;
  std::uint64_t bytes_ = 0;
  std::uint64_t frames_ = 0;
};

}  // namespace mre
