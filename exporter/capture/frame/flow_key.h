// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "exporter/capture/frame/segment.h"

namespace mre {

/// Stands for the two endpoints of a connection, whichever of them sends. 128 bits of SipHash-1-3 under a
/// secret of this process: a third of the bytes that two IPv6 endpoints take, and nobody can choose endpoints
/// that meet another connection's key or fill one bucket.
struct FlowKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const FlowKey&) const = default;
};

/// Which of two endpoints stands first in the key: the same, whichever of them sends.
inline bool comes_first(const Endpoint& a, const Endpoint& b) {
  return a.port != b.port ? a.port < b.port : a.address < b.address;
}

class FlowHash {
 public:
  FlowHash();  ///< With a secret from the system.

  FlowKey operator()(const Endpoint& a, const Endpoint& b) const;

 private:
  std::array<std::uint64_t, 2> secret_;
};

}  // namespace mre
