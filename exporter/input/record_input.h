// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/input/input.h"
#include "exporter/input/source.h"

namespace mre {

/// Log lines or messages: reads the records of a source with a decoder. A retained record is a state, not an event: it
/// is not decoded, and its outcome is `ignored`.
///
/// Records can be read in advance, to choose the decoder by them: `peek` copies each one, and `poll` reads the copies
/// first. Thus each record is decoded once.
///
/// Lost: the oldest copies beyond the limits, counted in `records_dropped`; and copies that `poll` has not read when
/// the process ends, not counted, because `peek` acknowledges the record before.
class RecordInput final : public Input {
 public:
  static constexpr std::size_t kMaxCopies = 10'000;
  static constexpr std::size_t kMaxCopiedBytes = 4U << 20U;  ///< Of topics and payloads.

  /// Without a decoder only the functions below, `interrupt` and `status` may be called.
  explicit RecordInput(std::unique_ptr<Source> source, std::unique_ptr<Decoder> decoder = nullptr)
      : source_(std::move(source)), decoder_(std::move(decoder)) {}

  /// Reads the next records with another decoder.
  void set_decoder(std::unique_ptr<Decoder> decoder) { decoder_ = std::move(decoder); }

  /// The record after the one that `peek` has returned last, as `Source::next`.
  Result<std::optional<Record>> peek(Deadline deadline);
  /// Lets `peek` begin with the next record of `poll` again.
  void rewind() { peeked_ = 0; }
  /// Whether another `peek` could drop the oldest copy.
  bool full() const { return copies_.size() >= kMaxCopies || copied_bytes_ >= kMaxCopiedBytes; }

  /// See Source::narrow.
  void narrow(std::vector<std::string> topics) { source_->narrow(std::move(topics)); }

  Result<bool> poll(Deadline deadline, InputSink& sink) override;
  void settle(EventSink& sink) override { decoder_->settle(sink); }
  Subject subject() override { return decoder_->subject(); }
  void interrupt() override { source_->interrupt(); }
  void finish() override { source_->finish(); }
  bool save_position(ByteWriter& out) override { return copies_.empty() && source_->save(out); }
  void save_state(ByteWriter& out) const override { decoder_->save(out); }
  bool restore_state(ByteReader& in) override { return decoder_->restore(in); }
  RecordInput* records() override { return this; }
  const SourceStatus& status() override;
  DecoderStats stats() const override { return decoder_->stats(); }
  const Coverage& coverage() const override { return decoder_->coverage(); }
  Visibility visibility() const override { return decoder_->visibility(); }

 private:
  struct Copy {
    std::string payload;
    std::string topic;
    bool retained;
    std::size_t bytes() const { return payload.size() + topic.size(); }
    Record record() const { return {payload, topic, retained}; }
  };

  bool read_lines(InputSink& sink);
  Result<std::optional<Record>> next(Deadline deadline);
  Copy pop_copy();

  const std::unique_ptr<Source> source_;
  std::unique_ptr<Decoder> decoder_;
  std::deque<Copy> copies_;
  std::size_t copied_bytes_ = 0;
  std::size_t peeked_ = 0;  // copies that `peek` has returned
  Copy current_{};          // owns the bytes of the copy that was read last
  std::uint64_t dropped_ = 0;
  std::uint64_t record_bytes_ = 0;
  std::uint64_t retained_ = 0;
  SourceStatus status_;  // of the source, and the counters of this class
};

}  // namespace mre
