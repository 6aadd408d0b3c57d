// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/frame/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace mre {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

bool is_ipv4(const IpAddress& address) { return std::equal(kMapped.begin(), kMapped.end(), address.begin()); }

IpAddress ipv4_address(const void* bytes) {
  IpAddress address{};
  std::copy(kMapped.begin(), kMapped.end(), address.begin());
  std::memcpy(address.data() + kMapped.size(), bytes, address.size() - kMapped.size());
  return address;
}

bool is_unspecified(const IpAddress& address) {
  return address == IpAddress{} || address == ipv4_address("\0\0\0\0");
}

std::optional<IpAddress> parse_ip_address(const std::string& text) {
  IpAddress address{};
  std::copy(kMapped.begin(), kMapped.end(), address.begin());
  if (::inet_pton(AF_INET, text.c_str(), address.data() + kMapped.size()) == 1) return address;
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::string to_string(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const bool ipv4 = is_ipv4(address);
  ::inet_ntop(ipv4 ? AF_INET : AF_INET6, address.data() + (ipv4 ? kMapped.size() : 0), text, sizeof text);
  return text;
}

}  // namespace mre
