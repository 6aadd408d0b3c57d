// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "exporter/capture/tcp/flow.h"

namespace mre {

/// The last bytes of directions that are out of sync, where they may be the start of a packet that the next
/// segment completes. There are 64 slots; a new entry replaces the oldest one, whose direction then finds a
/// later packet instead.
class PartialPackets {
 public:
  static constexpr std::size_t kMaxBytes = 15;

  /// Precondition: `bytes` are at most kMaxBytes, and nothing is stored for that direction.
  void store(const Flow& flow, mqtt::Side side, std::string_view bytes) {
    Entry& entry = entries_[next_];
    next_ = (next_ + 1) % entries_.size();
    if (entry.flow == kNone) ++count_;
    entry = {.flow = flow.index, .side = side, .size = static_cast<std::uint8_t>(bytes.size())};
    std::memcpy(entry.bytes.data(), bytes.data(), bytes.size());
  }

  /// Removes and returns the bytes of a direction; empty if there are none.
  std::string extract(const Flow& flow, mqtt::Side side) {
    if (count_ == 0) return {};
    const auto matches = [&](const Entry& entry) { return entry.flow == flow.index && entry.side == side; };
    const auto found = std::ranges::find_if(entries_, matches);
    if (found == entries_.end()) return {};
    found->flow = kNone;
    --count_;
    return {found->bytes.data(), found->size};
  }

  void forget(const Flow& flow) {
    extract(flow, mqtt::Side::client);
    extract(flow, mqtt::Side::broker);
  }

 private:
  struct Entry {
    std::uint32_t flow = kNone;
    mqtt::Side side = mqtt::Side::client;
    std::uint8_t size = 0;
    std::array<char, kMaxBytes> bytes{};
  };
  std::array<Entry, 64> entries_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace mre
