// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/time_range.h"

namespace mre {

Decoded RangedDecoder::decode(const Record& record, EventSink& sink) {
  time_ = time_of(record, now_);
  in_range_ = filter_.contains(time_);
  if (in_range_) return inner_->decode(record, sink);
  ++out_of_range_;
  NullSink uncounted;
  inner_->decode(record, uncounted);
  return {Outcome::ignored, RecordError::none, nullptr};
}

void RangedDecoder::settle(EventSink& sink) {
  if (in_range_) return inner_->settle(sink);
  NullSink uncounted;
  inner_->settle(uncounted);
}

}  // namespace mre
