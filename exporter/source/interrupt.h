#pragma once

#include <atomic>

#include "exporter/base/fd.h"

namespace mre {

/// Ends waits of another thread: `raise` makes `fd()` readable and `raised()` true, for good.
///
/// Where the system has no eventfd left, `fd()` is -1, which poll(2) ignores, and a waiter sees `raised()`
/// after its own time limit only: give each wait one.
class Interrupt {
 public:
  Interrupt();

  /// From any thread, and from a signal handler.
  void raise();

  bool raised() const { return raised_.load(std::memory_order_acquire); }
  int fd() const { return event_.get(); }

 private:
  Fd event_;
  std::atomic<bool> raised_ = false;
};

}  // namespace mre
