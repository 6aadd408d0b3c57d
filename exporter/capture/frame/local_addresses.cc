// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/frame/local_addresses.h"

#include <ifaddrs.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace mre {
namespace {

using Interfaces = std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)>;

Interfaces interfaces() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) first = nullptr;
  return {first, &::freeifaddrs};
}

template <class Address>
Address read_as(const sockaddr* address) {
  Address copy;
  std::memcpy(&copy, address, sizeof copy);
  return copy;
}

std::optional<IpAddress> ip_address_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    const auto ipv4 = read_as<sockaddr_in>(address);
    return ipv4_address(&ipv4.sin_addr);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  const auto ipv6 = read_as<sockaddr_in6>(address);
  IpAddress ip;
  std::memcpy(ip.data(), &ipv6.sin6_addr, ip.size());
  return ip;
}

}  // namespace

bool LocalAddresses::contains(const IpAddress& address) {
  constexpr std::uint8_t kLoopback = 127;
  if (is_ipv4(address) && address[12] == kLoopback) return true;
  if (is_known(address)) return true;
  if (Clock::now() - refreshed_ < std::chrono::seconds(1)) return false;
  refresh();
  return is_known(address);
}

bool LocalAddresses::is_known(const IpAddress& address) const {
  return std::ranges::binary_search(addresses_, address);
}

void LocalAddresses::refresh() {
  refreshed_ = Clock::now();
  addresses_.clear();
  const Interfaces all = interfaces();
  for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
    if (const auto address = ip_address_of(one->ifa_addr)) addresses_.push_back(*address);
  }
  std::ranges::sort(addresses_);
}

std::optional<MacAddress> mac_address_of(const std::string& interface) {
  const Interfaces all = interfaces();
  for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_PACKET || one->ifa_name != interface)
      continue;
    const auto link = read_as<sockaddr_ll>(one->ifa_addr);
    MacAddress mac;
    if (link.sll_hatype != ARPHRD_ETHER || link.sll_halen != mac.size()) continue;
    std::memcpy(mac.data(), link.sll_addr, mac.size());
    return mac;
  }
  return std::nullopt;
}

}  // namespace mre
