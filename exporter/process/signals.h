// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <chrono>
#include <optional>

namespace mre {

/// Receives SIGINT, SIGTERM and SIGHUP synchronously. Create it before any thread, because threads inherit
/// that these signals are blocked. Each signal stays pending, once, until `wait_for` receives it. After
/// SIGINT or SIGTERM, a second one ends the process at once.
class Signals {
 public:
  Signals();
  /// The next signal; nothing if none arrives within `time`.
  std::optional<int> wait_for(std::chrono::milliseconds time);

 private:
  sigset_t all_;
};

}  // namespace mre
