// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace mre {

/// When a wait ends at the latest.
using Deadline = std::chrono::steady_clock::time_point;

}  // namespace mre
