// SPDX-License-Identifier: Apache-2.0
#include "exporter/event/subject.h"

#include <arpa/inet.h>

namespace mre {

std::string_view address_of(std::string_view peer) {
  if (peer.starts_with('[')) return peer.substr(1, peer.find(']') - 1);
  const auto colon = peer.find(':');
  // More than one colon without brackets: an IPv6 address without a port.
  return colon == peer.rfind(':') ? peer.substr(0, colon) : peer;
}

bool is_address(std::string_view text) {
  const std::string_view address = address_of(text);
  if (address.empty() || address.size() >= INET6_ADDRSTRLEN) return false;
  const std::string terminated(address);
  in6_addr parsed{};
  return ::inet_pton(AF_INET, terminated.c_str(), &parsed) == 1 ||
         ::inet_pton(AF_INET6, terminated.c_str(), &parsed) == 1;
}

}  // namespace mre
