// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/count_history.h"

#include <algorithm>
#include <limits>

namespace mre {
namespace {

std::int64_t slot_at(double now_seconds) {
  return static_cast<std::int64_t>(now_seconds) / CountHistory::kIntervalSeconds;
}

}  // namespace

std::string what(const CountedKind& kind) {
  switch (kind.type) {
    case CountedKind::Type::code:
      return std::string(to_string(kind.packet)) + " " + std::string(to_string(kind.direction));
    case CountedKind::Type::end:
      return kind.initiator == mqtt::Initiator::unknown
                 ? "connection ended"
                 : "connection ended by " + std::string(to_string(kind.initiator));
    case CountedKind::Type::denial:
      return std::string(to_string(kind.action)) + " denied";
  }
  return {};
}

/// Clears the slots that are older than an hour now.
void CountHistory::advance(Data& data, std::int64_t slot) {
  const std::int64_t first = std::max(data.slot + 1, slot - static_cast<std::int64_t>(kSlots) + 1);
  for (auto& [name, feed] : data.feeds) {
    for (auto& [kind, series] : feed.series) {
      if (!series.slots) continue;
      for (std::int64_t old = first; old <= slot; ++old)
        (*series.slots)[static_cast<std::size_t>(old) % kSlots] = 0;
    }
  }
  data.slot = std::max(data.slot, slot);
}

void CountHistory::add(Feed& feed, const FeedSample& sample, bool is_new, std::size_t slot) const {
  std::map<CountedKind, std::uint64_t> counts;
  for_each_series(sample.counts,
                  [&](const CountedKind& kind, std::uint64_t count) { counts[kind] += count; });
  const bool starts_at_0 = !is_new || sample.since_timestamp_seconds >= started_seconds_;
  for (const auto& [kind, count] : counts) {
    Series& series = feed.series[kind];
    if (!starts_at_0) series.counted = count;
    const std::uint64_t grown = count - std::min(count, series.counted);
    series.counted = count;
    if (grown == 0) continue;
    if (!series.slots) {
      if (feed.with_slots == kMaxSeries) continue;
      ++feed.with_slots;
      series.slots = std::make_unique<std::array<std::uint32_t, kSlots>>();
    }
    std::uint32_t& cell = (*series.slots)[slot];
    cell += static_cast<std::uint32_t>(
        std::min<std::uint64_t>(grown, std::numeric_limits<std::uint32_t>::max() - cell));
  }
}

void CountHistory::add(std::span<const FeedSample> feeds, double now_seconds) {
  const auto data = data_.lock();
  advance(*data, slot_at(now_seconds));
  const auto slot = static_cast<std::size_t>(data->slot) % kSlots;
  for (auto& [name, feed] : data->feeds) feed.seen = false;
  for (const FeedSample& sample : feeds) {
    // Before its profile is detected, a feed has no series.
    const bool has_counts =
        !sample.withheld && !(sample.counts.codes.empty() && sample.counts.closes.empty());
    const auto known = data->feeds.find({sample.broker, sample.source});
    if (known != data->feeds.end()) known->second.seen = true;
    if (!has_counts) continue;
    Feed& feed = known != data->feeds.end() ? known->second : data->feeds[{sample.broker, sample.source}];
    feed.seen = true;
    add(feed, sample, known == data->feeds.end(), slot);
  }
  std::erase_if(data->feeds, [](const auto& entry) { return !entry.second.seen; });
}

std::vector<CountHistory::Row> CountHistory::rows(double now_seconds) const {
  constexpr std::int64_t kFive = 5 * kSlotsPerMinute;
  const auto data = data_.lock();
  advance(*data, slot_at(now_seconds));
  std::map<std::pair<std::string, CountedKind>, Row> rows;
  for (const auto& [name, feed] : data->feeds) {
    for (const auto& [kind, series] : feed.series) {
      if (!series.slots) continue;
      Row& row = rows.try_emplace({name.first, kind}, Row{name.first, kind}).first->second;
      for (std::int64_t age = 0; age < static_cast<std::int64_t>(kSlots) && age <= data->slot; ++age) {
        const std::uint64_t count = (*series.slots)[static_cast<std::size_t>(data->slot - age) % kSlots];
        row.last_hour += count;
        if (age < kFive) row.last_5_minutes += count;
        row.minutes[kMinutes - 1 - static_cast<std::size_t>(age) / kSlotsPerMinute] += count;
      }
    }
  }
  std::vector<Row> all;
  for (auto& [key, row] : rows) {
    if (row.last_hour > 0) all.push_back(std::move(row));
  }
  return all;
}

}  // namespace mre
