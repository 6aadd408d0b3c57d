// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace mre {

/// The current Unix time in seconds, with a resolution of a millisecond.
inline double unix_seconds() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<milliseconds>(now).count()) / 1000.0;
}

}  // namespace mre
