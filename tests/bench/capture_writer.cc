// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/capture_writer.h"

#include <algorithm>

namespace mre {
namespace {

constexpr std::uint32_t kBrokerAddress = 0xC0000201;  // 192.0.2.1
constexpr std::uint64_t kFirstSecond = 1795322238;
constexpr std::uint64_t kFramesPerSecond = 50'000;
constexpr std::size_t kBufferBytes = 1U << 20U;
constexpr std::size_t kHeaders = 14 + 20 + 32;  // Ethernet, IPv4, TCP with timestamps

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
  const bool from_client = sender == Side::client;
  std::string& out = buffer_;
  const std::size_t begin = out.size();
  in_file(out, kFirstSecond + frames_ / kFramesPerSecond);
  in_file(out, frames_ % kFramesPerSecond * (1'000'000 / kFramesPerSecond));
  in_file(out, kHeaders + payload.size());
  in_file(out, kHeaders + payload.size());

  network<6>(out, from_client ? 0x02000000000A : 0x02000000000B);
  network<6>(out, from_client ? 0x02000000000B : 0x02000000000A);
  network<2>(out, 0x0800);

  const std::size_t ip = out.size();
  network<2>(out, 0x4500);
  network<2>(out, 20 + 32 + payload.size());
  network<4>(out, (frames_ & 0xFFFFU) << 16U | 0x4000U);  // may not be fragmented
  network<4>(out, 0x40060000);                            // 64 hops, TCP
  network<4>(out, from_client ? connection.address : kBrokerAddress);
  network<4>(out, from_client ? kBrokerAddress : connection.address);
  put_checksum(out, ip + 10, sum_of(std::string_view(out).substr(ip)));

  const std::size_t tcp = out.size();
  std::uint32_t& next = connection.next[from_client ? 0 : 1];
  network<2>(out, from_client ? connection.port : kPort);
  network<2>(out, from_client ? kPort : connection.port);
  network<4>(out, next);
  network<4>(out, (flags & ack) != 0 ? connection.next[from_client ? 1 : 0] : 0);
  network<4>(out, 0x8000U << 16U | static_cast<std::uint32_t>(flags) << 16U | 0x01F6U);
  network<4>(out, 0);
  network<4>(out, 0x0101080A);  // timestamps
  network<4>(out, frames_);
  network<4>(out, frames_);
  out += payload;
  put_checksum(out, tcp + 16,
               sum_of(std::string_view(out).substr(tcp)) + sum_of(std::string_view(out).substr(ip + 12, 8)) +
                   6 + static_cast<std::uint32_t>(32 + payload.size()));

  next += static_cast<std::uint32_t>(payload.size()) + ((flags & (syn | fin)) != 0 ? 1 : 0);
  bytes_ += out.size() - begin;
  ++frames_;
  if (out.size() > kBufferBytes - 2048) flush();
}

void CaptureWriter::flush() {
  std::fwrite(buffer_.data(), 1, buffer_.size(), file_);
  buffer_.clear();
}

}  // namespace mre
