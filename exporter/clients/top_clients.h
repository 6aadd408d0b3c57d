// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/clients/any_event.h"
#include "exporter/clients/space_saving.h"

namespace mre {

/// The period that a list of top clients covers.
enum class Period : std::uint8_t { five_minutes, hour, since_start };
inline constexpr std::size_t kPeriods = 3;
/// "5m", "1h", "start".
std::string_view to_string(Period period);

struct TopClient {
  std::string name;  ///< Valid UTF-8 without control characters, cut to 71 bytes.
  /// The true number of events is between these two. They are equal unless there were more clients than counters.
  std::uint64_t at_least = 0;
  std::uint64_t at_most = 0;
};

/// The clients with the most events of one group.
struct TopList {
  EventGroup group = {};
  double since_seconds =
      0;  ///< Start of what was counted, Unix time: a period is counted in slots, so it may be up
          ///< to a quarter longer than its name.
  std::uint64_t events = 0;             ///< Of all clients.
  std::uint64_t other_at_most = 0;      ///< No client outside the sketch has had more events than this.
  std::vector<TopClient> clients = {};  ///< The largest `at_least` first.
};

/// Counts events by client, apart from the metrics: for each group and period the most frequent clients, in fixed
/// memory (Space-Saving). Above kMaxGroups groups, events are counted in the group "other", "other". One thread.
class TopClients {
 public:
  static constexpr std::size_t kMaxGroups = 64;
  static constexpr std::size_t kPooledCounters = 12'000;  ///< About 1.1 MiB.

  explicit TopClients(double now_seconds) : started_seconds_(now_seconds) {}

  /// `hash`: of the whole name, not predictable by clients.
  void add(const EventGroup& group, std::uint64_t hash, std::string_view name, double now_seconds);

  /// All groups with events in the period, the one with the most events first; of each at most `max_clients`.
  std::vector<TopList> lists(Period period, double now_seconds, std::size_t max_clients) const;

 private:
  static constexpr std::size_t kSlots = 5;  // four whole ones and the current one
  static constexpr std::size_t kSlotCounters = 128;
  static constexpr std::size_t kTotalCounters = 512;

  struct Slot {
    std::int64_t number = -1;  // Unix time divided by the length of a slot
    SpaceSaving sketch{kSlotCounters};
  };
  /// The last kSlots slots of a period.
  using Slots = std::array<Slot, kSlots>;
  struct Group {
    Slots five_minutes;
    Slots hour;
    SpaceSaving since_start{kTotalCounters};
  };

  static double slot_seconds(Period period);
  static TopList merged(const Slots& slots, Period period, double now_seconds);
  void add(Slots& slots, Period period, std::uint64_t hash, std::string_view name, double now_seconds);

  double started_seconds_;
  CounterPool pool_{kPooledCounters};
  std::map<EventGroup, Group> groups_;
};

}  // namespace mre
