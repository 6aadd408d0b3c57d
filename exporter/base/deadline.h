// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace mre {

/// The latest end of a wait.
using Deadline = std::chrono::steady_clock::time_point;

}  // namespace mre
