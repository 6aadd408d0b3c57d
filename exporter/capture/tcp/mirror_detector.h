// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "exporter/capture/tcp/flow.h"

namespace mre {

/// Recognises connections that the capture sees twice, because they pass two interfaces and the broker has
/// another address or port on the second (a published port of Docker): the client and its sequence number are
/// the same. Remembers the last 64 connections for one second.
class MirrorDetector {
 public:
  /// Whether the new connection mirrors a remembered one; if not, it is remembered. `seq` is the sequence
  /// number of the first segment seen, which `sender` sent.
  bool is_mirror(const Endpoint& client, const Endpoint& broker, std::uint32_t seq, mqtt::Side sender,
                 Ticks now) {
    const auto same = [&](const Connection& other) {
      return other.seq == seq && other.client == client && other.sender == sender && other.broker != broker &&
             ticks_between(other.at, now) <= kTicksPerSecond;
    };
    if (std::ranges::any_of(recent_, same)) return true;
    recent_[next_] = {.client = client, .broker = broker, .seq = seq, .sender = sender, .at = now};
    next_ = (next_ + 1) % recent_.size();
    return false;
  }

 private:
  struct Connection {
    Endpoint client;
    Endpoint broker;
    std::uint32_t seq = 0;
    mqtt::Side sender = mqtt::Side::client;
    Ticks at = 0;
  };
  std::array<Connection, 64> recent_{};
  std::size_t next_ = 0;
};

}  // namespace mre
