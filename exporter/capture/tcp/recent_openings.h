// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "exporter/capture/tcp/flow.h"

namespace mre {

/// The connections that were seen to begin a moment ago, so that one that passes two interfaces, with another
/// address or port of the broker on the second (a published port of Docker), is told from two: the client and
/// its sequence number are the same.
class RecentOpenings {
 public:
  /// Whether this is the same as one that began a moment ago; if not, it is remembered. `seq` is that of the
  /// first segment seen, sent by `sender`.
  bool is_copy(const Endpoint& client, const Endpoint& broker, std::uint32_t seq, mqtt::Side sender,
               Ticks now) {
    const auto same = [&](const Opening& one) {
      return one.seq == seq && one.client == client && one.sender == sender && one.broker != broker &&
             ticks_between(one.at, now) <= kTicksPerSecond;
    };
    if (std::ranges::any_of(openings_, same)) return true;
    openings_[next_] = {.client = client, .broker = broker, .seq = seq, .sender = sender, .at = now};
    next_ = (next_ + 1) % openings_.size();
    return false;
  }

 private:
  struct Opening {
    Endpoint client;
    Endpoint broker;
    std::uint32_t seq = 0;
    mqtt::Side sender = mqtt::Side::client;
    Ticks at = 0;
  };
  std::array<Opening, 64> openings_{};
  std::size_t next_ = 0;
};

}  // namespace mre
