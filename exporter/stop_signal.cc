#include "exporter/stop_signal.h"

namespace mre {

StopSignal::StopSignal() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

std::optional<int> StopSignal::wait_for(std::chrono::milliseconds time) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time);
  const timespec most{whole.count(), std::chrono::nanoseconds(time - whole).count()};
  const int signal = sigtimedwait(&signals_, nullptr, &most);
  if (signal < 0) return std::nullopt;
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  return signal;
}

}  // namespace mre
