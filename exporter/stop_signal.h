#pragma once

#include <signal.h>

namespace mre {

/// Waits for SIGINT or SIGTERM. Made before any thread, because threads inherit that the signals are blocked,
/// and only `wait` takes them. After `wait` a second signal ends the process at once, as always.
class StopSignal {
 public:
  StopSignal();
  int wait();  ///< Returns the signal.

 private:
  sigset_t signals_;
};

}  // namespace mre
