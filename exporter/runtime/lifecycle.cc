// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/lifecycle.h"

namespace mre {

Result<void> Lifecycle::reload() {
  std::unique_lock lock(mutex_);
  const std::uint64_t number = ++asked_;
  wake_();
  changed_.wait(lock, [&] { return closed_ || answered_ >= number; });
  if (answered_ < number) return fail(Errc::unavailable, "the exporter is stopping");
  return outcome_;
}

void Lifecycle::quit() {
  const std::lock_guard lock(mutex_);
  quit_ = true;
  wake_();
}

void Lifecycle::serve_reload(const std::function<Result<void>()>& run) {
  std::unique_lock lock(mutex_);
  const std::uint64_t asked = asked_;
  if (asked == answered_) return;
  lock.unlock();
  auto outcome = run();
  lock.lock();
  outcome_ = std::move(outcome);
  answered_ = asked;
  changed_.notify_all();
}

bool Lifecycle::wants_to_quit() const {
  const std::lock_guard lock(mutex_);
  return quit_;
}

void Lifecycle::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace mre
