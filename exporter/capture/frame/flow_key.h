// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "exporter/capture/frame/segment.h"

namespace mre {

/// Identifies a connection by its two endpoints, in either direction: 128 bits of SipHash-1-3 with a secret
/// of this process. It takes a third of the memory of two IPv6 endpoints, and an attacker cannot choose
/// endpoints that collide with another connection's key or fill one bucket.
struct FlowKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const FlowKey&) const = default;
};

/// Whether `a` is the first endpoint in the key. The order does not depend on the sender.
inline bool comes_first(const Endpoint& a, const Endpoint& b) {
  return a.port != b.port ? a.port < b.port : a.address < b.address;
}

class FlowHash {
 public:
  FlowHash();  ///< Gets the secret from the system.

  FlowKey operator()(const Endpoint& a, const Endpoint& b) const;

 private:
  std::array<std::uint64_t, 2> secret_;
};

}  // namespace mre
