// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "exporter/clients/any_event.h"
#include "exporter/event/subject.h"

namespace mre {

struct RecentEvent {
  std::uint64_t number = 0;  ///< Counts the remarkable events of the broker, from 1.
  double time_seconds =
      0;  ///< When it happened, as far as its record says so; else when it was read. Unix time.
  double observed_seconds = 0;  ///< When the exporter read it.
  std::string source = {};      ///< Name of the source in the configuration.
  AnyEvent event = {};
  OwnedSubject subject = {};  ///< Valid UTF-8 without control characters (see `printable`).
};

/// The last events of one broker, in bounded memory. One thread.
///
/// When it is full, the oldest event of the largest group is dropped, so that a flood of one reason does not wash the
/// others away.
class RecentEvents {
 public:
  static constexpr std::size_t kMaxEvents = 1000;
  static constexpr std::size_t kMaxBytes = 1U << 20U;  ///< Of events and their texts.

  void add(RecentEvent event);

  /// All, newest first.
  std::vector<RecentEvent> newest_first() const;

  std::uint64_t dropped() const { return dropped_; }  ///< Events that had to make room.
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Group {
    std::list<RecentEvent> events;  // oldest first
    std::size_t bytes = 0;
  };

  void drop_one();

  std::map<EventGroup, Group> groups_;
  std::list<RecentEvent> free_;  // at most one, which the next event takes
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace mre
