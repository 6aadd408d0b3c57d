// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "exporter/input/input.h"

namespace mre {
namespace {

class RecordInput final : public Input {
 public:
  RecordInput(std::unique_ptr<Source> source, std::unique_ptr<Decoder> decoder)
      : source_(std::move(source)), decoder_(std::move(decoder)) {}

  Result<bool> poll(Deadline deadline, InputSink& sink) override {
    const bool wants_records = sink.wants_records();
    if (!wants_records && read_lines(sink)) return true;
    const auto record = source_->next(deadline);
    if (!record) return tl::make_unexpected(record.error());
    if (!*record) return false;
    Decoded decoded{Outcome::ignored, RecordError::none, {}};
    if (!(*record)->retained) {
      if (wants_records) sink.begin_record(**record);
      decoded = decoder_->decode(**record, sink);
    }
    sink.on_record(**record, decoded);
    return true;
  }

  void settle(EventSink& sink) override { decoder_->settle(sink); }
  Subject subject() override { return decoder_->subject(); }
  void interrupt() override { source_->interrupt(); }
  void finish() override { source_->finish(); }
  bool save_position(ByteWriter& out) override { return source_->save(out); }
  void save_state(ByteWriter& out) const override { decoder_->save(out); }
  bool restore_state(ByteReader& in) override { return decoder_->restore(in); }
  std::unique_ptr<Source> release_source() override { return std::move(source_); }
  const SourceStatus& status() override { return source_->status(); }
  DecoderStats stats() const override { return decoder_->stats(); }
  const Coverage& coverage() const override { return decoder_->coverage(); }
  Visibility visibility() const override { return decoder_->visibility(); }

 private:
  /// Reads the whole lines that are available, without a call of source, envelope and decoder for each. True if there
  /// were any.
  bool read_lines(InputSink& sink) {
    bool any = false;
    for (LineBlock lines = source_->lines(); !lines.text.empty(); any = true) {
      const DecodedLines read = decoder_->decode_lines(lines, sink);
      if (read.lines() == 0) break;
      lines.text.remove_prefix(read.bytes);
      sink.on_lines(read);
      source_->consume(read.bytes, read.lines());
    }
    return any;
  }

  std::unique_ptr<Source> source_;
  const std::unique_ptr<Decoder> decoder_;
};

}  // namespace

std::unique_ptr<Input> make_record_input(std::unique_ptr<Source> source, std::unique_ptr<Decoder> decoder) {
  return std::make_unique<RecordInput>(std::move(source), std::move(decoder));
}

}  // namespace mre
