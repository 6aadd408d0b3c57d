// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <span>

#include "exporter/base/deadline.h"

namespace mre {

/// Calls poll(2) until `deadline`, but at most an hour. The time is rounded up to whole milliseconds, so that a
/// caller that waits again does not spin. With a deadline in the past it does not wait. Entries with fd -1 are
/// ignored. Returns whether an entry has events; false also after a signal.
bool poll_until(std::span<pollfd> fds, Deadline deadline);

}  // namespace mre
