// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <optional>

#include "exporter/event/record_time.h"
#include "exporter/feed/feed_loop.h"

namespace mre {

/// --since and --until: from `since` on, up to and without `until`.
struct TimeRange {
  UnixMicros since = std::numeric_limits<UnixMicros>::min();
  UnixMicros until = std::numeric_limits<UnixMicros>::max();

  bool contains(UnixMicros time) const { return time >= since && time < until; }
};

/// Chooses the records in a range of time. A record without a time has the time of the record before it; before the
/// first time nothing is in the range. An event that waits for a later record to confirm it belongs to the record that
/// releases it.
class TimeFilter {
 public:
  /// `range` empty: everything is in it.
  explicit TimeFilter(std::optional<TimeRange> range) : range_(range), now_(now_micros()) {}

  RecordChoice choose(const Record& record) {
    time_ = time_of(record, now_);
    if (time_) last_ = time_;
    in_range_ = !range_ || (last_ && range_->contains(*last_));
    return {in_range_, last_.value_or(0)};
  }

  bool in_range() const { return in_range_; }               ///< Whether the last record is in the range.
  std::optional<UnixMicros> time() const { return time_; }  ///< Of the last record.
  bool saw_time() const { return last_.has_value(); }

 private:
  const std::optional<TimeRange> range_;
  const UnixMicros now_;
  std::optional<UnixMicros> time_;
  std::optional<UnixMicros> last_;
  bool in_range_ = true;
};

}  // namespace mre
