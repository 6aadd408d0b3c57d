// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/recent_events.h"

#include <algorithm>
#include <utility>

namespace mre {
namespace {

std::size_t bytes_of(const RecentEvent& event) {
  const OwnedSubject& subject = event.subject;
  std::size_t bytes = sizeof event;
  for (const std::string* text :
       {&event.source, &subject.client, &subject.user, &subject.peer, &subject.topic, &subject.reason_string})
    bytes += text->capacity();
  return bytes;
}

}  // namespace

void RecentEvents::add(RecentEvent event) {
  Group& group = groups_[group_of(event.event)];
  if (free_.empty()) free_.emplace_back();
  free_.front() = std::move(event);
  const std::size_t bytes = bytes_of(free_.front());  // its texts may keep the memory of those before them
  group.events.splice(group.events.end(), free_);
  group.bytes += bytes;
  bytes_ += bytes;
  ++size_;
  while (size_ > kMaxEvents || bytes_ > kMaxBytes) drop_one();
}

void RecentEvents::drop_one() {
  const bool by_size = size_ > kMaxEvents;
  const auto largest = std::ranges::max_element(groups_, {}, [by_size](const auto& entry) {
    return by_size ? entry.second.events.size() : entry.second.bytes;
  });
  Group& group = largest->second;
  const std::size_t bytes = bytes_of(group.events.front());
  if (free_.empty())
    free_.splice(free_.begin(), group.events, group.events.begin());
  else
    group.events.pop_front();
  group.bytes -= bytes;
  bytes_ -= bytes;
  --size_;
  ++dropped_;
  if (group.events.empty()) groups_.erase(largest);
}

std::vector<RecentEvent> RecentEvents::newest_first() const {
  std::vector<RecentEvent> all;
  all.reserve(size_);
  for (const auto& [name, group] : groups_) all.insert(all.end(), group.events.begin(), group.events.end());
  std::ranges::sort(all, std::greater<>(), &RecentEvent::number);
  return all;
}

}  // namespace mre
