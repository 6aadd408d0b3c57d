// SPDX-License-Identifier: Apache-2.0
#include "exporter/input/peekable_source.h"

#include <utility>

namespace mre {

Result<std::optional<Record>> PeekableSource::peek(Deadline deadline) {
  auto record = source_->next(deadline);
  if (!record || !*record) return record;
  const Record& seen = **record;
  kept_.push_back({std::string(seen.payload), std::string(seen.topic), seen.retained});
  kept_bytes_ += kept_.back().bytes();
  while (kept_.size() > 1 && (kept_.size() > kMaxRecords || kept_bytes_ > kMaxBytes)) drop_oldest();
  return record;
}

Result<std::optional<Record>> PeekableSource::next(Deadline deadline) {
  if (kept_.empty()) [[likely]]
    return source_->next(deadline);
  current_ = std::move(kept_.front());
  kept_.pop_front();
  return Record{current_.payload, current_.topic, current_.retained};
}

void PeekableSource::drop_oldest() {
  kept_bytes_ -= kept_.front().bytes();
  kept_.pop_front();
  ++dropped_;
}

const SourceStatus& PeekableSource::status() {
  status_ = source_->status();
  status_.records_dropped += dropped_;
  return status_;
}

}  // namespace mre
