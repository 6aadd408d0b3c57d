// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "exporter/base/fd.h"

namespace mre {

/// Ends a wait of another thread: `raise` makes `fd()` readable until `take` resets it.
///
/// If the system has no eventfd left, `fd()` is -1, which poll(2) ignores, and the waiting thread notices only
/// after its own time limit. Each wait therefore needs one.
class Interrupt {
 public:
  Interrupt();

  /// From any thread, and from a signal handler.
  void raise();

  /// Whether it was raised since the last call. Only the waiting thread calls it.
  bool take();
  int fd() const { return event_.get(); }

 private:
  Fd event_;
  std::atomic<bool> raised_ = false;
};

}  // namespace mre
