// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/interrupt.h"

#include <sys/eventfd.h>

namespace mre {

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Interrupt::raise() {
  raised_.store(true, std::memory_order_release);
  if (event_) ::eventfd_write(event_.get(), 1);  // fails only if the counter is full: then it is readable too
}

bool Interrupt::take() {
  eventfd_t count = 0;
  if (event_)
    ::eventfd_read(event_.get(), &count);  // before the flag, so that a raise in between is not lost
  return raised_.exchange(false, std::memory_order_acq_rel);
}

}  // namespace mre
