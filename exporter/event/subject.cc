// SPDX-License-Identifier: Apache-2.0
#include "exporter/event/subject.h"

namespace mre {

std::string_view address_of(std::string_view peer) {
  if (peer.starts_with('[')) return peer.substr(1, peer.find(']') - 1);
  const auto colon = peer.find(':');
  // More than one colon without brackets: an IPv6 address without a port.
  return colon == peer.rfind(':') ? peer.substr(0, colon) : peer;
}

}  // namespace mre
