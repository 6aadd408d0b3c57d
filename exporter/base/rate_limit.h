// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace mre {

/// Allows `burst` events at once, and one more for each `interval` that has passed since. One thread.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  RateLimit(unsigned burst, Clock::duration interval) : burst_(burst), interval_(interval), left_(burst) {}

  /// Whether another event is allowed; if so, counts it. `now` never decreases.
  bool allow(Clock::time_point now) {
    for (; left_ < burst_ && now - since_ >= interval_; since_ += interval_) ++left_;
    if (left_ == burst_) since_ = now;
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  const unsigned burst_;
  const Clock::duration interval_;
  unsigned left_;
  Clock::time_point since_{};  // start of the current interval
};

}  // namespace mre
