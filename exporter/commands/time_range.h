// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "exporter/commands/record_time.h"
#include "exporter/event/decoder.h"

namespace mre {

/// --since and --until: from `since` on, up to and without `until`.
struct TimeRange {
  UnixMicros since = std::numeric_limits<UnixMicros>::min();
  UnixMicros until = std::numeric_limits<UnixMicros>::max();

  bool contains(UnixMicros time) const { return time >= since && time < until; }
};

/// A decoder that counts only the events of records in a range of time. It decodes the others too, so that what
/// they say of clients (the protocol version) is known, and reports them as ignored. A record without a time has
/// the time of the record before it; before the first time nothing is in the range. An event that waits for a
/// later record to confirm it belongs to the record that releases it.
class RangedDecoder final : public Decoder {
 public:
  /// `range` empty: everything is in it.
  RangedDecoder(std::unique_ptr<Decoder> inner, std::optional<TimeRange> range)
      : inner_(std::move(inner)), range_(range), now_(now_micros()) {}

  Decoded decode(const Record& record, EventSink& sink) override;
  bool recognises(std::string_view line) override { return inner_->recognises(line); }
  Subject subject() const override {
    Subject subject = inner_->subject();
    subject.time_us = time_.value_or(last_.value_or(0));
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
  bool saw_time() const { return last_.has_value(); }

 private:
  const std::unique_ptr<Decoder> inner_;
  const std::optional<TimeRange> range_;
  const UnixMicros now_;
  std::optional<UnixMicros> time_;
  std::optional<UnixMicros> last_;
  bool in_range_ = true;
  std::uint64_t out_of_range_ = 0;
};

}  // namespace mre
