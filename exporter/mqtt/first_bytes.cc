// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/first_bytes.h"

#include <algorithm>
#include <cstddef>

#include "exporter/mqtt/packet_layout.h"

namespace mre::mqtt {
Answer begins_connect(std::string_view bytes) {
  constexpr unsigned kConnect = 1;
  constexpr std::size_t kMaxLengthBytes = 4;
  constexpr std::size_t kLongestName = 64;  // "MQIsdp" has 6
  if (bytes.empty()) return Answer::more;
  if (byte_at(bytes, 0) >> 4U != kConnect) return Answer::no;
  std::size_t remaining = 0;
  std::size_t next = 1;
  for (unsigned byte = 0x80; byte >= 0x80; ++next) {
    if (next > kMaxLengthBytes) return Answer::no;
    if (next == bytes.size()) return Answer::more;
    byte = byte_at(bytes, next);
    remaining |= std::size_t{byte & 0x7FU} << (7 * (next - 1));
  }
  bytes.remove_prefix(next);
  if (!bytes.empty() && byte_at(bytes, 0) != 0) return Answer::no;
  if (bytes.size() < 2) return Answer::more;
  const std::size_t length = byte_at(bytes, 1);
  if (length == 0 || length > kLongestName || 2 + length >= remaining) return Answer::no;
  const std::string_view name = bytes.substr(2, length);
  if (!std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; })) return Answer::no;
  return name.size() == length ? Answer::yes : Answer::more;
}

Answer begins_websocket(std::string_view bytes) {
  constexpr std::string_view kGet = "GET ";
  if (bytes.size() >= kGet.size()) return bytes.starts_with(kGet) ? Answer::yes : Answer::no;
  return kGet.starts_with(bytes) ? Answer::more : Answer::no;
}

Answer begins_tls(std::string_view bytes) {
  constexpr std::uint8_t kHandshake = 0x16;
  constexpr std::uint8_t kClientHello = 0x01;
  constexpr std::size_t kRecordHeader = 5;
  const auto is = [&](std::size_t index, std::uint8_t low, std::uint8_t high) {
    return index >= bytes.size() || (byte_at(bytes, index) >= low && byte_at(bytes, index) <= high);
  };
  const bool fits = is(0, kHandshake, kHandshake) && is(1, 3, 3) && is(2, 0, 4) && is(3, 0, 0x40) &&
                    is(kRecordHeader, kClientHello, kClientHello);
  if (!fits) return Answer::no;
  return bytes.size() > kRecordHeader ? Answer::yes : Answer::more;
}

bool holds_tls_alert(std::string_view bytes) {
  constexpr std::size_t kHeader = 5;
  constexpr std::size_t kAlertBytes = 2;
  constexpr std::size_t kMaxRecord = (1U << 14U) + 2048;  // of TLS 1.2; 1.3 allows less
  constexpr std::uint8_t kChangeCipherSpec = 0x14;
  constexpr std::uint8_t kAlert = 0x15;
  constexpr std::uint8_t kApplicationData = 0x17;
  constexpr std::uint8_t kFatal = 2;
  while (bytes.size() > kHeader) {
    const std::uint8_t kind = byte_at(bytes, 0);
    const std::size_t length = std::size_t{byte_at(bytes, 3)} << 8U | byte_at(bytes, 4);
    if (kind < kChangeCipherSpec || kind > kApplicationData || byte_at(bytes, 1) != 3 ||
        byte_at(bytes, 2) > 4)
      return false;
    if (length == 0 || length > kMaxRecord || bytes.size() < kHeader + length) return false;
    if (kind == kAlert && length == kAlertBytes && byte_at(bytes, kHeader) == kFatal) return true;
    bytes.remove_prefix(kHeader + length);
  }
  return false;
}

}  // namespace mre::mqtt
