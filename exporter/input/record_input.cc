// SPDX-License-Identifier: Apache-2.0
#include "exporter/input/record_input.h"

namespace mre {

Result<bool> RecordInput::poll(Deadline deadline, InputSink& sink) {
  const bool wants_records = sink.wants_records();
  if (!wants_records && copies_.empty() && read_lines(sink)) return true;
  const auto record = next(deadline);
  if (!record) return tl::make_unexpected(record.error());
  if (!*record) return false;
  record_bytes_ += (*record)->payload.size();
  Decoded decoded{Outcome::ignored, RecordError::none, {}};
  if ((*record)->retained) {
    ++retained_;
  } else {
    if (wants_records) sink.begin_record(**record);
    decoded = decoder_->decode(**record, sink);
  }
  sink.on_record(**record, decoded);
  return true;
}

/// Reads the whole lines that are available, without a call of source, envelope and decoder for each. True if there
/// were any.
bool RecordInput::read_lines(InputSink& sink) {
  bool any = false;
  for (LineBlock lines = source_->lines(); !lines.text.empty(); any = true) {
    const DecodedLines read = decoder_->decode_lines(lines, sink);
    if (read.lines() == 0) break;
    lines.text.remove_prefix(read.bytes);
    sink.on_lines(read);
    source_->consume(read.bytes);
    record_bytes_ += read.bytes - read.lines();
  }
  return any;
}

Result<std::optional<Record>> RecordInput::next(Deadline deadline) {
  if (copies_.empty()) [[likely]]
    return source_->next(deadline);
  current_ = pop_copy();
  return current_.record();
}

Result<std::optional<Record>> RecordInput::peek(Deadline deadline) {
  if (peeked_ == copies_.size()) {
    const auto record = source_->next(deadline);
    if (!record || !*record) return record;
    copies_.push_back({std::string((*record)->payload), std::string((*record)->topic), (*record)->retained});
    copied_bytes_ += copies_.back().bytes();
    for (; copies_.size() > 1 && (copies_.size() > kMaxCopies || copied_bytes_ > kMaxCopiedBytes); ++dropped_)
      pop_copy();
  }
  return copies_[peeked_++].record();
}

RecordInput::Copy RecordInput::pop_copy() {
  Copy copy = std::move(copies_.front());
  copies_.pop_front();
  copied_bytes_ -= copy.bytes();
  if (peeked_ > 0) --peeked_;
  return copy;
}

const SourceStatus& RecordInput::status() {
  status_ = source_->status();
  status_.records_dropped += dropped_;
  status_.record_bytes = record_bytes_;
  status_.retained_skipped = retained_;
  return status_;
}

}  // namespace mre
