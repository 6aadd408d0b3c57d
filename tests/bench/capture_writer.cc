// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/capture_writer.h"

#include <algorithm>

namespace mre {
namespace {

constexpr std::uint32_t kBrokerAddress = 0xC0000201;  // 192.0.2.1
constexpr std::uint64_t kFirstSecond = 1795322238;
constexpr std::uint64_t kFramesPerSecond = 50'000;
constexpr std::size_t kBufferBytes = 1U << 20U;
constexpr std::size_t kIpBytes = 20;
constexpr std::size_t kTcpBytes = 32;  // with timestamps
constexpr std::size_t kHeaders = 14 + kIpBytes + kTcpBytes;

enum Flags : std::uint8_t { fin = 0x01, syn = 0x02, psh = 0x08, ack = 0x10 };

/// Big endian as the network has it, little endian as the file has it.
template <int kBytes>
void network(std::string& out, std::uint64_t value) {
  for (int i = kBytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}
void in_file(std::string& out, std::uint64_t value, int bytes = 4) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

/// RFC 1071, over a number of bytes that need not be even.
std::uint32_t sum_of(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i]) << 8U |
                                      static_cast<std::uint8_t>(bytes[i + 1]));
  }
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes.back()) << 8U);
  return sum;
}

void put_checksum(std::string& out, std::size_t at, std::uint32_t sum) {
  while (sum > 0xFFFF) sum = (sum & 0xFFFFU) + (sum >> 16U);
  out[at] = static_cast<char>(~sum >> 8U & 0xFFU);
  out[at + 1] = static_cast<char>(~sum & 0xFFU);
}

}  // namespace

CaptureWriter::CaptureWriter(std::FILE* file) : file_(file) {
  buffer_.reserve(kBufferBytes);
  in_file(buffer_, 0xA1B2C3D4);
  in_file(buffer_, 2, 2);
  in_file(buffer_, 4, 2);
  in_file(buffer_, 0, 8);
  in_file(buffer_, 262144);
  in_file(buffer_, 1);  // LINKTYPE_ETHERNET
  bytes_ = buffer_.size();
}

void CaptureWriter::open(Connection& connection) {
  connection.next[0] = connection.address * 2654435761U + connection.port;
  connection.next[1] = connection.next[0] ^ 0xFFFF0000U;  // some pass the end of the numbers
  frame(connection, Side::client, syn, {});
  frame(connection, Side::broker, syn | ack, {});
  acknowledge(connection, Side::client);
}

void CaptureWriter::send(Connection& connection, Side sender, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view segment = bytes.substr(0, kSegment);
    bytes.remove_prefix(segment.size());
    frame(connection, sender, bytes.empty() ? ack | psh : ack, segment);
  }
}

void CaptureWriter::acknowledge(Connection& connection, Side sender) { frame(connection, sender, ack, {}); }

void CaptureWriter::close(Connection& connection, Side first) {
  frame(connection, first, fin | ack, {});
  frame(connection, first == Side::client ? Side::broker : Side::client, fin | ack, {});
  acknowledge(connection, first);
}

void CaptureWriter::frame(Connection& connection, Side sender, std::uint8_t flags, std::string_view payload) {
  const std::size_t begin = buffer_.size();
  record_header(payload.size());
  ethernet_header(sender);
  ip_header(connection, sender, payload.size());
  tcp_segment(connection, sender, flags, payload);
  bytes_ += buffer_.size() - begin;
  ++frames_;
  if (buffer_.size() > kBufferBytes - 2048) flush();
}

void CaptureWriter::record_header(std::size_t payload_bytes) {
  in_file(buffer_, kFirstSecond + frames_ / kFramesPerSecond);
  in_file(buffer_, frames_ % kFramesPerSecond * (1'000'000 / kFramesPerSecond));
  in_file(buffer_, kHeaders + payload_bytes);
  in_file(buffer_, kHeaders + payload_bytes);
}

void CaptureWriter::ethernet_header(Side sender) {
  const bool from_client = sender == Side::client;
  network<6>(buffer_, from_client ? 0x02000000000A : 0x02000000000B);
  network<6>(buffer_, from_client ? 0x02000000000B : 0x02000000000A);
  network<2>(buffer_, 0x0800);
}

void CaptureWriter::ip_header(const Connection& connection, Side sender, std::size_t payload_bytes) {
  const bool from_client = sender == Side::client;
  const std::size_t begin = buffer_.size();
  network<2>(buffer_, 0x4500);
  network<2>(buffer_, kIpBytes + kTcpBytes + payload_bytes);
  network<4>(buffer_, (frames_ & 0xFFFFU) << 16U | 0x4000U);  // may not be fragmented
  network<4>(buffer_, 0x40060000);                            // 64 hops, TCP
  network<4>(buffer_, from_client ? connection.address : kBrokerAddress);
  network<4>(buffer_, from_client ? kBrokerAddress : connection.address);
  put_checksum(buffer_, begin + 10, sum_of(std::string_view(buffer_).substr(begin)));
}

/// Follows an IP header of kIpBytes, whose addresses are in the checksum.
void CaptureWriter::tcp_segment(Connection& connection, Side sender, std::uint8_t flags,
                                std::string_view payload) {
  const bool from_client = sender == Side::client;
  const std::size_t begin = buffer_.size();
  std::uint32_t& next = connection.next[from_client ? 0 : 1];
  network<2>(buffer_, from_client ? connection.port : kPort);
  network<2>(buffer_, from_client ? kPort : connection.port);
  network<4>(buffer_, next);
  network<4>(buffer_, (flags & ack) != 0 ? connection.next[from_client ? 1 : 0] : 0);
  network<4>(buffer_, 0x8000U << 16U | static_cast<std::uint32_t>(flags) << 16U | 0x01F6U);
  network<4>(buffer_, 0);
  network<4>(buffer_, 0x0101080A);  // timestamps
  network<4>(buffer_, frames_);
  network<4>(buffer_, frames_);
  buffer_ += payload;
  const std::string_view written = buffer_;
  constexpr std::uint32_t kProtocol = 6;
  put_checksum(buffer_, begin + 16,
               sum_of(written.substr(begin)) + sum_of(written.substr(begin - 8, 8)) + kProtocol +
                   static_cast<std::uint32_t>(kTcpBytes + payload.size()));
  next += static_cast<std::uint32_t>(payload.size()) + ((flags & (syn | fin)) != 0 ? 1 : 0);
}

void CaptureWriter::flush() {
  std::fwrite(buffer_.data(), 1, buffer_.size(), file_);
  buffer_.clear();
}

}  // namespace mre
