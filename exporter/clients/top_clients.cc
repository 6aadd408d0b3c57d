// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/top_clients.h"

#include <algorithm>
#include <functional>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace mre {
namespace {

constexpr EventGroup kOther{"other", "other"};

/// A sketch in terms of a list; without order and limit.
TopList list_of(const SpaceSaving& sketch, double since_seconds) {
  TopList list{.since_seconds = since_seconds, .events = sketch.total(), .other_at_most = sketch.floor()};
  for (const SpaceSaving::Counter& counter : sketch.counters())
    list.clients.push_back({std::string(counter.name.text()), counter.count - counter.error, counter.count});
  return list;
}

void finish(TopList& list, std::size_t max_clients) {
  const auto by_count = [](const TopClient& a, const TopClient& b) {
    return std::tie(b.at_least, b.at_most, a.name) < std::tie(a.at_least, a.at_most, b.name);
  };
  const std::size_t kept = std::min(max_clients, list.clients.size());
  std::ranges::partial_sort(list.clients, list.clients.begin() + static_cast<std::ptrdiff_t>(kept), by_count);
  if (kept < list.clients.size())
    list.other_at_most =
        std::max(list.other_at_most,
                 std::ranges::max(std::span(list.clients).subspan(kept), {}, &TopClient::at_most).at_most);
  list.clients.resize(kept);
}

}  // namespace

std::string_view to_string(Period period) {
  constexpr std::array<std::string_view, kPeriods> names = {"5m", "1h", "start"};
  return names[static_cast<std::size_t>(period)];
}

double TopClients::slot_seconds(Period period) { return period == Period::hour ? 900 : 75; }

void TopClients::add(const EventGroup& group, std::uint64_t hash, std::string_view name, double now_seconds) {
  const bool is_known = groups_.size() < kMaxGroups || groups_.contains(group);
  Group& counted = groups_[is_known ? group : kOther];
  counted.since_start.add(hash, name, pool_);
  add(counted.five_minutes, Period::five_minutes, hash, name, now_seconds);
  add(counted.hour, Period::hour, hash, name, now_seconds);
}

void TopClients::add(Slots& slots, Period period, std::uint64_t hash, std::string_view name,
                     double now_seconds) {
  const auto number = static_cast<std::int64_t>(now_seconds / slot_seconds(period));
  Slot& slot = slots[static_cast<std::uint64_t>(number) % kSlots];
  if (std::exchange(slot.number, number) != number) slot.sketch.clear(pool_);
  slot.sketch.add(hash, name, pool_);
}

/// Sketches are merged by adding counts. A client that one of them lacks may have had its floor there.
TopList TopClients::merged(const Slots& slots, Period period, double now_seconds) {
  const auto current = static_cast<std::int64_t>(now_seconds / slot_seconds(period));
  const std::int64_t first = current - static_cast<std::int64_t>(kSlots) + 1;
  TopList all{.since_seconds = static_cast<double>(first) * slot_seconds(period)};
  std::unordered_map<std::uint64_t, TopClient> clients;
  for (const Slot& slot : slots) {
    if (slot.number < first || slot.number > current) continue;
    all.events += slot.sketch.total();
    all.other_at_most += slot.sketch.floor();
    for (const SpaceSaving::Counter& counter : slot.sketch.counters()) {
      TopClient& client = clients[counter.hash];
      if (client.name.empty()) client.name = counter.name.text();
      client.at_least += counter.count - counter.error;
      client.at_most += counter.count - slot.sketch.floor();
    }
  }
  for (auto& [hash, client] : clients) {
    client.at_most += all.other_at_most;
    all.clients.push_back(std::move(client));
  }
  return all;
}

std::vector<TopList> TopClients::lists(Period period, double now_seconds, std::size_t max_clients) const {
  std::vector<TopList> lists;
  for (const auto& [name, group] : groups_) {
    TopList list =
        period == Period::since_start
            ? list_of(group.since_start, started_seconds_)
            : merged(period == Period::hour ? group.hour : group.five_minutes, period, now_seconds);
    if (list.events == 0) continue;
    list.group = name;
    list.since_seconds = std::max(list.since_seconds, started_seconds_);
    finish(list, max_clients);
    lists.push_back(std::move(list));
  }
  std::ranges::stable_sort(lists, std::greater<>(), &TopList::events);
  return lists;
}

}  // namespace mre
