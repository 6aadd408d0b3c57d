// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/event_history.h"

#include <utility>

#include "exporter/base/seeded_hash.h"

namespace mre {

EventHistory::EventHistory(const IdentityFilter& identity, double now_seconds, Listener listener,
                           bool exemplars)
    : identity_(identity),
      listener_(std::move(listener)),
      exemplars_(exemplars),
      started_seconds_(now_seconds),
      seed_(random_seed()),
      data_(Data(now_seconds)) {}

void EventHistory::remember(bool on) {
  if (remembers_.exchange(on) == on || on) return;
  *data_.lock() = Data(started_seconds_);
}

std::uint64_t EventHistory::hash(std::string_view text) const { return seeded_hash(seed_, text); }

OwnedSubject EventHistory::add(const std::string& source, const AnyEvent& event, const Subject& subject,
                               double now_seconds) {
  constexpr double us_per_second = 1e6;
  RecentEvent recent{.time_seconds = subject.time_us == 0
                                         ? now_seconds
                                         : static_cast<double>(subject.time_us) / us_per_second,
                     .observed_seconds = now_seconds,
                     .source = source,
                     .event = event,
                     .subject = identity_.apply(subject)};
  {
    const auto data = data_.lock();
    if (recent.subject.client.empty() && !subject.peer.empty()) {
      if (const auto names = data->known.find(hash(subject.peer))) {
        recent.subject.client = names->client;
        if (recent.subject.user.empty()) recent.subject.user = names->user;
        if (identity_.hides_address()) recent.subject.peer.clear();
      }
    }
    recent.number = ++data->added;
    if (remembers()) {
      if (const std::string_view name = IdentityFilter::name_of(recent.subject); !name.empty())
        data->top.add(group_of(event), hash(name), name, now_seconds);
      if (!listener_ && !exemplars_) {
        data->recent.add(std::move(recent));
        return {};
      }
      data->recent.add(recent);
    }
  }
  if (listener_) listener_(recent);
  return std::move(recent.subject);
}

void EventHistory::introduce(const Subject& subject) {
  const OwnedSubject kept = identity_.apply(subject);
  if (kept.client.empty() || subject.peer.empty()) return;
  data_.lock()->known.set(hash(subject.peer), {kept.client, kept.user});
}

EventHistory::Recent EventHistory::recent() const {
  const auto data = data_.lock();
  return {data->recent.newest_first(), data->added, data->recent.dropped()};
}

std::vector<TopList> EventHistory::top(Period period, double now_seconds, std::size_t max_clients) const {
  return data_.lock()->top.lists(period, now_seconds, max_clients);
}

}  // namespace mre
