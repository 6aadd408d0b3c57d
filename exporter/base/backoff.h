// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

namespace mre {

/// How long to wait before the next attempt: exponential with full jitter, so that many exporters that lost the
/// same broker do not reconnect at the same moment. One thread.
///
/// The n-th wait since `reset` is uniform in [0, min(max, min * 2^n)], n from 0. The other waits depend on how
/// the last attempt or connection ended.
class Backoff {
 public:
  using Delay = std::chrono::milliseconds;
  using Random = std::function<double()>;  ///< Uniform in [0, 1).

  Backoff(Delay min, Delay max, Random random = seeded_random());

  Delay next();
  /// The peer rejected the attempt (bad credentials) and will do so again: uniform in [max/2, max].
  Delay after_refusal();
  /// The peer restarts, so that all its clients lost it at this moment: `next` with a ceiling of at least
  /// 16 * min. With a min of 1 s and a max of 30 s, 100 clients make about 15 attempts in the busiest second,
  /// however long the broker was unavailable.
  Delay after_restart();
  /// The peer accepted the connection and never answered. The attempt itself took long: `next`, but at most 3 s.
  Delay after_silence();
  void reset() { ceiling_ = min_; }

  /// A generator with a seed from the system.
  static Random seeded_random();

 private:
  Delay min_;
  Delay max_;
  Delay ceiling_;  ///< Of the next wait.
  Random random_;
};

}  // namespace mre
