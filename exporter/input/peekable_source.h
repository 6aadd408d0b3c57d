// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/input/source.h"

namespace mre {

/// A source whose first records can be looked at before they are taken: `peek` keeps a copy of each, `next`
/// hands out the copies and then goes on where the last `peek` ended. So each record is handed out once.
///
/// Lost: the oldest of the copies, when they are more than the limits allow (records_dropped); and all that
/// were not taken yet when the process ends, because to look at the next record acknowledges the one before.
class PeekableSource final : public Source {
 public:
  static constexpr std::size_t kMaxRecords = 10'000;
  static constexpr std::size_t kMaxBytes = 4U << 20U;  ///< Of topics and payloads.

  explicit PeekableSource(std::unique_ptr<Source> source) : source_(std::move(source)) {}

  /// Like `next` of the source, but the record stays to be taken. Not after `next`.
  Result<std::optional<Record>> peek(Deadline deadline);

  /// Whether one more `peek` could lose the oldest record.
  bool full() const { return kept_.size() >= kMaxRecords || kept_bytes_ >= kMaxBytes; }

  Result<std::optional<Record>> next(Deadline deadline) override;
  LineBlock lines() override { return kept_.empty() ? source_->lines() : LineBlock{}; }
  void consume(std::size_t bytes, std::uint64_t count) override { source_->consume(bytes, count); }
  void interrupt() override { source_->interrupt(); }
  bool save(ByteWriter& out) override { return kept_.empty() && source_->save(out); }
  void finish() override { source_->finish(); }
  void narrow(std::vector<std::string> topics) override { source_->narrow(std::move(topics)); }
  const SourceStatus& status() override;

 private:
  struct Copy {
    std::string payload;
    std::string topic;
    bool retained;
    std::size_t bytes() const { return payload.size() + topic.size(); }
  };

  void drop_oldest();

  const std::unique_ptr<Source> source_;
  std::deque<Copy> kept_;
  std::size_t kept_bytes_ = 0;
  Copy current_{};  // behind the views of a copy that was handed out
  std::uint64_t dropped_ = 0;
  SourceStatus status_;
};

}  // namespace mre
