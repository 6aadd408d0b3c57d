// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "exporter/event/decode_each.h"
#include "exporter/event/record_time.h"

namespace mre {

/// --since and --until: from `since` on, up to and without `until`.
struct TimeRange {
  UnixMicros since = std::numeric_limits<UnixMicros>::min();
  UnixMicros until = std::numeric_limits<UnixMicros>::max();

  bool contains(UnixMicros time) const { return time >= since && time < until; }
};

/// Says which records are in a range of time. A record without a time has the time of the record before it; before the
/// first time nothing is in the range.
class TimeFilter {
 public:
  /// `range` empty: everything is in it.
  explicit TimeFilter(std::optional<TimeRange> range) : range_(range) {}

  /// Whether the next record, or the same one again, is in the range.
  bool contains(std::optional<UnixMicros> time) {
    if (time) last_ = time;
    return !range_ || (last_ && range_->contains(*last_));
  }
  std::optional<UnixMicros> last() const { return last_; }  ///< Nothing: no record had a time.

 private:
  const std::optional<TimeRange> range_;
  std::optional<UnixMicros> last_;
};

/// A decoder that counts only the events of records that the filter contains. It decodes the others too, so that what
/// they say of clients (the protocol version) is known, and reports them as ignored. An event that waits for a later
/// record to confirm it belongs to the record that releases it.
class RangedDecoder final : public Decoder {
 public:
  /// `filter` must outlive it.
  RangedDecoder(std::unique_ptr<Decoder> inner, TimeFilter& filter)
      : inner_(std::move(inner)), filter_(filter), now_(now_micros()) {}

  Decoded decode(const Record& record, EventSink& sink) override;
  DecodedLines decode_lines(const LineBlock& lines, EventSink& sink) override {
    return decode_each(*this, lines, sink);
  }
  bool recognises(std::string_view line) override { return inner_->recognises(line); }
  Subject subject() const override {
    Subject subject = inner_->subject();
    subject.time_us = filter_.last().value_or(0);
    return subject;
  }
  void settle(EventSink& sink) override;
  void save(ByteWriter& out) const override { inner_->save(out); }
  bool restore(ByteReader& in) override { return inner_->restore(in); }
  DecoderStats stats() const override { return inner_->stats(); }
  const Coverage& coverage() const override { return inner_->coverage(); }
  Visibility visibility() const override { return inner_->visibility(); }

  bool in_range() const { return in_range_; }               ///< Whether the last record is in the range.
  std::optional<UnixMicros> time() const { return time_; }  ///< Of the last record.
  std::uint64_t out_of_range() const { return out_of_range_; }

 private:
  const std::unique_ptr<Decoder> inner_;
  TimeFilter& filter_;
  const UnixMicros now_;
  std::optional<UnixMicros> time_;
  bool in_range_ = true;
  std::uint64_t out_of_range_ = 0;
};

}  // namespace mre
