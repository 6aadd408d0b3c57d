// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

namespace mre {

/// How long to wait before the next attempt: exponential with full jitter, so that many exporters that lost
/// one broker do not come back at the same moment.
///
/// The n-th wait since `reset` is uniform in [0, min(max, min * 2^n)], n from 0. The others are for what an
/// attempt, or its end, tells about the peer.
class Backoff {
 public:
  using Delay = std::chrono::milliseconds;
  using Random = std::function<double()>;  ///< Uniform in [0, 1).

  Backoff(Delay min, Delay max, Random random = seeded_random());

  Delay next();
  /// It answered "no" (bad credentials), and will not think otherwise in a second: in [max/2, max].
  Delay after_refusal();
  /// All its clients lost it at this moment (it restarts): `next` with a ceiling of 16 * min at least. With a
  /// min of 1 s and a max of 30 s, 100 clients are about 15 attempts in the busiest second, however long the
  /// broker was away.
  Delay after_restart();
  /// It took the connection and never answered. The attempt itself was a long wait, and the answer will come
  /// all of a sudden: `next`, but 3 s at most.
  Delay after_silence();
  void reset() { ceiling_ = min_; }

  /// A generator with a seed of its own from the system.
  static Random seeded_random();

 private:
  Delay min_;
  Delay max_;
  Delay ceiling_;  ///< Of the next wait.
  Random random_;
};

}  // namespace mre
