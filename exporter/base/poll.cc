// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/poll.h"

#include <chrono>

namespace mre {

bool poll_until(std::span<pollfd> fds, Deadline deadline) {
  using std::chrono::milliseconds;
  constexpr milliseconds max_wait = std::chrono::hours(1);
  const auto now = std::chrono::steady_clock::now();
  milliseconds wait{0};
  if (deadline > now) {
    wait = deadline - now >= max_wait ? max_wait : std::chrono::ceil<milliseconds>(deadline - now);
  }
  return ::poll(fds.data(), fds.size(), static_cast<int>(wait.count())) > 0;
}

}  // namespace mre
