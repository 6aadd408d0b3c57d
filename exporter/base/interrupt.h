// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "exporter/base/fd.h"

namespace mre {

/// Ends one wait of another thread: `raise` makes `fd()` readable until `take` has seen it.
///
/// Where the system has no eventfd left, `fd()` is -1, which poll(2) ignores, and a waiter sees it after its
/// own time limit only: give each wait one.
class Interrupt {
 public:
  Interrupt();

  /// From any thread, and from a signal handler.
  void raise();

  /// Whether it was raised since the last call.
  bool take();
  int fd() const { return event_.get(); }

 private:
  Fd event_;
  std::atomic<bool> raised_ = false;
};

}  // namespace mre
