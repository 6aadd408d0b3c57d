// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/event_histories.h"

#include <utility>

#include "exporter/base/unix_time.h"

namespace mre {

EventHistories::EventHistories(const IdentityFilter& identity, Listener listener, bool exemplars)
    : identity_(identity), listener_(std::move(listener)), exemplars_(exemplars) {}

std::shared_ptr<EventHistory> EventHistories::of(const std::string& broker) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<EventHistory>& history = histories_[broker];
  if (history) return history;
  EventHistory::Listener listener;
  if (listener_) listener = [this, broker](const RecentEvent& event) { listener_(broker, event); };
  history = std::make_shared<EventHistory>(identity_, unix_seconds(), std::move(listener), exemplars_);
  history->remember(remembering_.on);
  return history;
}

void EventHistories::set(Remembering remembering) {
  const std::lock_guard lock(mutex_);
  remembering_ = std::move(remembering);
  for (const auto& [broker, history] : histories_) history->remember(remembering_.on);
}

EventHistories::Remembering EventHistories::remembering() const {
  const std::lock_guard lock(mutex_);
  return remembering_;
}

std::vector<NamedHistory> EventHistories::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<NamedHistory> all;
  for (const auto& [broker, history] : histories_) all.push_back({broker, history});
  return all;
}

}  // namespace mre
