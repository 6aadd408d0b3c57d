// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <optional>

#include "exporter/base/deadline.h"

namespace mre {

/// Receives SIGINT, SIGTERM and SIGHUP synchronously. Create it before any thread, because threads inherit
/// that these signals are blocked. Each signal stays pending, once, until `wait_until` receives it. After
/// SIGINT or SIGTERM, a second one ends the process at once. SIGUSR1 is the exporter's own: `wake` sends it.
class Signals {
 public:
  Signals();
  /// The next signal; nothing at the deadline, and after `wake`.
  std::optional<int> wait_until(Deadline deadline);
  /// Ends the current wait, or else the next one. Any thread.
  static void wake();

 private:
  sigset_t all_;
};

}  // namespace mre
