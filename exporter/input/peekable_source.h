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

/// A source whose first records can be read in advance: `peek` copies each record, `next` returns the copies
/// first and then continues after the last `peek`. Thus `next` returns each record once.
///
/// Lost: the oldest copies beyond the limits, counted in `records_dropped`; and copies that `next` has not
/// returned when the process ends, not counted, because `peek` acknowledges the record before.
class PeekableSource final : public Source {
 public:
  static constexpr std::size_t kMaxRecords = 10'000;
  static constexpr std::size_t kMaxBytes = 4U << 20U;  ///< Of topics and payloads.

  explicit PeekableSource(std::unique_ptr<Source> source) : source_(std::move(source)) {}

  /// Like `next` of the source, but `next` returns the record too. Must not be called after `next`.
  Result<std::optional<Record>> peek(Deadline deadline);

  /// Whether another `peek` could drop the oldest copy.
  bool full() const { return copies_.size() >= kMaxRecords || copied_bytes_ >= kMaxBytes; }

  Result<std::optional<Record>> next(Deadline deadline) override;
  LineBlock lines() override { return copies_.empty() ? source_->lines() : LineBlock{}; }
  void consume(std::size_t bytes, std::uint64_t count) override { source_->consume(bytes, count); }
  void interrupt() override { source_->interrupt(); }
  bool save(ByteWriter& out) override { return copies_.empty() && source_->save(out); }
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
  std::deque<Copy> copies_;
  std::size_t copied_bytes_ = 0;
  Copy current_{};  // owns the bytes of the copy that was returned last
  std::uint64_t dropped_ = 0;
  SourceStatus status_;
};

}  // namespace mre
