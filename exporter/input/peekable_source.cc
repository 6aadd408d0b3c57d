// SPDX-License-Identifier: Apache-2.0
#include "exporter/input/peekable_source.h"

#include <utility>

namespace mre {

Result<std::optional<Record>> PeekableSource::peek(Deadline deadline) {
  auto record = source_->next(deadline);
  if (!record || !*record) return record;
  const Record& seen = **record;
  copies_.push_back({std::string(seen.payload), std::string(seen.topic), seen.retained});
  copied_bytes_ += copies_.back().bytes();
  while (copies_.size() > 1 && (copies_.size() > kMaxRecords || copied_bytes_ > kMaxBytes)) drop_oldest();
  return record;
}

Result<std::optional<Record>> PeekableSource::next(Deadline deadline) {
  if (copies_.empty()) [[likely]]
    return source_->next(deadline);
  current_ = std::move(copies_.front());
  copies_.pop_front();
  return Record{current_.payload, current_.topic, current_.retained};
}

void PeekableSource::drop_oldest() {
  copied_bytes_ -= copies_.front().bytes();
  copies_.pop_front();
  ++dropped_;
}

const SourceStatus& PeekableSource::status() {
  status_ = source_->status();
  status_.records_dropped += dropped_;
  return status_;
}

}  // namespace mre
