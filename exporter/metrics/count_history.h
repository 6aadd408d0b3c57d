// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exporter/base/guarded.h"
#include "exporter/metrics/counted_kind.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// How the counters of all feeds grew in the last hour, for pages. Whoever has samples adds them; the counters
/// themselves know nothing of it. Memory is fixed: for each feed at most kMaxSeries kinds of events that occurred,
/// 1 KiB each. Events of further kinds are not in the history. Gone with the process. Any thread. All
/// times are Unix time.
class CountHistory {
 public:
  static constexpr std::int64_t kIntervalSeconds = 15;  ///< `add` should be called this often.
  static constexpr std::size_t kMinutes = 60;
  static constexpr std::size_t kMaxSeries = 128;

  struct Row {
    std::string broker;
    CountedKind kind;
    std::uint64_t last_5_minutes = 0;
    std::uint64_t last_hour = 0;
    std::array<std::uint64_t, kMinutes> minutes{};  ///< Oldest first; the last one is not over yet.
  };

  /// Counters that started earlier are taken as they are: their events are not recent.
  explicit CountHistory(double now_seconds) : started_seconds_(now_seconds) {}

  double started_seconds() const { return started_seconds_; }

  /// Adds what the counters have grown by since the last call. Feeds that are withheld are skipped; feeds that are no
  /// longer there are forgotten. While the clock is set back, events count to the
  /// latest slot.
  void add(std::span<const FeedSample> feeds, double now_seconds);

  /// What occurred in the hour before `now_seconds`, summed over the sources of a broker. In the order of brokers and kinds.
  std::vector<Row> rows(double now_seconds) const;

 private:
  static constexpr std::size_t kSlotsPerMinute = 4;
  static constexpr std::size_t kSlots = kMinutes * kSlotsPerMinute;

  struct Series {
    std::uint64_t counted = 0;
    std::unique_ptr<std::array<std::uint32_t, kSlots>> slots;  // null: nothing occurred
  };
  struct Feed {
    std::map<CountedKind, Series> series;
    std::size_t with_slots = 0;
    bool seen = false;  // in the latest call
  };
  struct Data {
    std::map<std::pair<std::string, std::string>, Feed> feeds;  // by broker and source
    std::int64_t slot = 0;                                      // number of the current one
  };

  static void advance(Data& data, std::int64_t slot);
  void add(Feed& feed, const FeedSample& sample, bool is_new, std::size_t slot) const;

  const double started_seconds_;
  mutable Guarded<Data> data_;
};

}  // namespace mre
