// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/signals.h"

#include <initializer_list>

namespace mre {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

Signals::Signals() : all_(set_of({SIGINT, SIGTERM, SIGHUP})) { pthread_sigmask(SIG_BLOCK, &all_, nullptr); }

std::optional<int> Signals::wait_for(std::chrono::milliseconds time) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time);
  const timespec timeout{whole.count(), std::chrono::nanoseconds(time - whole).count()};
  const int signal = sigtimedwait(&all_, nullptr, &timeout);
  if (signal < 0) return std::nullopt;
  if (signal == SIGHUP) return signal;
  const sigset_t ends = set_of({SIGINT, SIGTERM});
  pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
  return signal;
}

}  // namespace mre
