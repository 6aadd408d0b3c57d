// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <span>

#include "exporter/base/deadline.h"

namespace mre {

/// poll(2) until `deadline`, rounded up to whole milliseconds, so that a caller that waits again does not
/// spin. A deadline in the past looks once. Entries with fd -1 are ignored. Whether an entry has something to
/// tell; false also when a signal came first.
bool poll_until(std::span<pollfd> fds, Deadline deadline);

}  // namespace mre
