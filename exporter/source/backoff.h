#pragma once

#include <chrono>
#include <functional>

namespace mre {

/// How long to wait before the next attempt: exponential with full jitter, so that many exporters that lost
/// one broker do not come back at the same moment.
///
/// The n-th wait since `reset` is uniform in [0, min(max, min * 2^n)], n from 0. A peer that answered "no"
/// (bad credentials) will not think otherwise in a second: `after_refusal` waits in [max/2, max] at once.
class Backoff {
 public:
  using Delay = std::chrono::milliseconds;
  using Random = std::function<double()>;  ///< Uniform in [0, 1).

  Backoff(Delay min, Delay max, Random random = seeded_random());

  Delay next();
  Delay after_refusal();
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
