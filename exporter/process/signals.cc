// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/signals.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
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

Signals::Signals() : all_(set_of({SIGINT, SIGTERM, SIGHUP, SIGUSR1})) {
  pthread_sigmask(SIG_BLOCK, &all_, nullptr);
}

std::optional<int> Signals::wait_until(Deadline deadline) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  const Deadline now = std::chrono::steady_clock::now();
  const nanoseconds left = std::max(deadline, now) - now;
  const timespec timeout{left / seconds(1), (left % seconds(1)).count()};
  const int signal =
      deadline == Deadline::max() ? sigwaitinfo(&all_, nullptr) : sigtimedwait(&all_, nullptr, &timeout);
  if (signal < 0 || signal == SIGUSR1) return std::nullopt;
  if (signal == SIGHUP) return signal;
  const sigset_t ends = set_of({SIGINT, SIGTERM});
  pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
  return signal;
}

void Signals::wake() { ::kill(::getpid(), SIGUSR1); }

}  // namespace mre
