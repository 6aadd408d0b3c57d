#pragma once

#include <signal.h>

#include <chrono>
#include <optional>

namespace mre {

/// Waits for SIGINT or SIGTERM. Made before any thread, because threads inherit that the signals are blocked,
/// and only `wait_for` takes them. After the signal a second signal ends the process at once, as always.
class StopSignal {
 public:
  StopSignal();
  /// The signal; nothing if none came for so long.
  std::optional<int> wait_for(std::chrono::milliseconds time);

 private:
  sigset_t signals_;
};

}  // namespace mre
