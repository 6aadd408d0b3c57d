// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <chrono>
#include <optional>

namespace mre {

/// Waits for SIGINT, SIGTERM and SIGHUP. Made before any thread, because threads inherit that the signals are
/// blocked, and only `wait_for` takes them; what comes meanwhile waits, each of the three once. After SIGINT
/// or SIGTERM a second of them ends the process at once, as always.
class Signals {
 public:
  Signals();
  /// The signal; nothing if none came for so long.
  std::optional<int> wait_for(std::chrono::milliseconds time);

 private:
  sigset_t all_;
};

}  // namespace mre
