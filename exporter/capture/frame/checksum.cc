// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/frame/checksum.h"

#include <bit>
#include <cstring>

namespace mre {
namespace {

constexpr std::uint16_t kValidSum = 0xFFFF;  // of all words including the checksum

/// RFC 1071: the sum of 16-bit words may be computed in either byte order, and over 32-bit words.
std::uint64_t sum_of(const char* bytes, std::size_t size) {
  std::uint64_t sums[2] = {0, 0};
  for (; size >= 32; bytes += 32, size -= 32) {
    std::uint64_t words[4];
    std::memcpy(words, bytes, sizeof words);
    sums[0] += (words[0] & UINT32_MAX) + (words[0] >> 32U) + (words[1] & UINT32_MAX) + (words[1] >> 32U);
    sums[1] += (words[2] & UINT32_MAX) + (words[2] >> 32U) + (words[3] & UINT32_MAX) + (words[3] >> 32U);
  }
  for (; size >= 4; bytes += 4, size -= 4) {
    std::uint32_t word;
    std::memcpy(&word, bytes, sizeof word);
    sums[0] += word;
  }
  for (; size >= 2; bytes += 2, size -= 2) {
    std::uint16_t word;
    std::memcpy(&word, bytes, sizeof word);
    sums[0] += word;
  }
  if (size != 0) {
    std::uint16_t word = 0;
    std::memcpy(&word, bytes, 1);
    sums[0] += word;
  }
  return sums[0] + sums[1];
}

std::uint16_t folded(std::uint64_t sum) {
  while (sum > UINT16_MAX) sum = (sum & UINT16_MAX) + (sum >> 16U);
  return static_cast<std::uint16_t>(sum);
}

std::uint64_t network_order(std::uint16_t number) {
  if constexpr (std::endian::native == std::endian::big) return number;
  return static_cast<std::uint16_t>(number << 8U | number >> 8U);
}

std::uint64_t address_sum(const IpAddress& address, bool ipv4) {
  const std::size_t skipped = ipv4 ? address.size() - 4 : 0;
  return sum_of(reinterpret_cast<const char*>(address.data()) + skipped, address.size() - skipped);
}

std::uint64_t pseudo_header_sum(const Segment& segment, std::size_t tcp_bytes) {
  constexpr std::uint16_t kTcp = 6;
  const bool ipv4 = segment.ip_header != 0;
  return address_sum(segment.from.address, ipv4) + address_sum(segment.to.address, ipv4) +
         network_order(kTcp) + network_order(folded(tcp_bytes));
}

}  // namespace

Checksum checksum_of(const Segment& segment) {
  if (segment.tcp_header == 0 || segment.payload.size() != segment.length) return Checksum::unknown;
  const char* tcp = segment.payload.data() - segment.tcp_header;
  const std::size_t tcp_bytes = segment.tcp_header + segment.payload.size();
  if (segment.ip_header != 0 && folded(sum_of(tcp - segment.ip_header, segment.ip_header)) != kValidSum) {
    return Checksum::invalid;
  }
  const std::uint64_t pseudo_header = pseudo_header_sum(segment, tcp_bytes);
  if (folded(pseudo_header + sum_of(tcp, tcp_bytes)) == kValidSum) return Checksum::valid;
  std::uint16_t written;
  std::memcpy(&written, tcp + 16, sizeof written);
  return written == folded(pseudo_header) ? Checksum::partial : Checksum::invalid;
}

}  // namespace mre
