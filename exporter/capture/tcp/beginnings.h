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

/// What directions that have no place said last, if a packet may begin with it that goes on in the next
/// segment. There is room for a few: one that finds none takes the oldest's, which is then found later.
class Beginnings {
 public:
  static constexpr std::size_t kMaxBytes = 15;

  /// `bytes` are kMaxBytes at most. Only if nothing is kept of that direction.
  void keep(const Flow& flow, mqtt::Side side, std::string_view bytes) {
    Beginning& one = beginnings_[next_];
    next_ = (next_ + 1) % beginnings_.size();
    if (one.flow == kNone) ++count_;
    one = {.flow = flow.index, .side = side, .size = static_cast<std::uint8_t>(bytes.size())};
    std::memcpy(one.bytes.data(), bytes.data(), bytes.size());
  }

  /// Empty, if nothing is kept.
  std::string take(const Flow& flow, mqtt::Side side) {
    if (count_ == 0) return {};
    const auto is_its = [&](const Beginning& b) { return b.flow == flow.index && b.side == side; };
    const auto one = std::ranges::find_if(beginnings_, is_its);
    if (one == beginnings_.end()) return {};
    one->flow = kNone;
    --count_;
    return {one->bytes.data(), one->size};
  }

  void forget(const Flow& flow) {
    take(flow, mqtt::Side::client);
    take(flow, mqtt::Side::broker);
  }

 private:
  struct Beginning {
    std::uint32_t flow = kNone;
    mqtt::Side side = mqtt::Side::client;
    std::uint8_t size = 0;
    std::array<char, kMaxBytes> bytes{};
  };
  std::array<Beginning, 64> beginnings_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace mre
