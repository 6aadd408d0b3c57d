// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "exporter/envelope/unwrap.h"

namespace mre::test {

/// An inner decoder that stores its records. A line that begins with "!", or with what it recognises, is
/// matched.
class InnerLines final : public Decoder {
 public:
  explicit InnerLines(std::vector<std::string>& lines) : lines_(lines) {}

  Decoded decode(const Record& record, EventSink&) override {
    lines_.push_back((record.topic.empty() ? "" : std::string(record.topic) + ": ") +
                     std::string(record.payload));
    if (record.payload.starts_with('!') || recognises(record.payload))
      return {Outcome::matched, RecordError::none, {}};
    return {Outcome::unrecognised, RecordError::no_rule, {}};
  }
  bool recognises(std::string_view line) override {
    if (line.ends_with('\r')) return false;
    return line.starts_with("1662560883: ") || line.starts_with(R"({"broker":)");
  }
  void settle(EventSink&) override { lines_.emplace_back("settled"); }
  void save(ByteWriter&) const override {}
  bool restore(ByteReader&) override { return true; }
  DecoderStats stats() const override { return {7, 8}; }
  const Coverage& coverage() const override { return coverage_; }
  Visibility visibility() const override { return all_of(coverage_); }

 private:
  std::vector<std::string>& lines_;
  Coverage coverage_;
};

/// What came out of an envelope.
class Unwrapped final : private EventSink {
 public:
  explicit Unwrapped(Envelope envelope) : decoder_(unwrap(envelope, std::make_unique<InnerLines>(lines_))) {}

  Decoded line(std::string_view text) {
    outcomes_.push_back(decoder_->decode({text, {}, false}, *this));
    return outcomes_.back();
  }
  void settle() { decoder_->settle(*this); }
  Decoder& decoder() { return *decoder_; }

  const std::vector<std::string>& lines() const { return lines_; }
  std::size_t count(Outcome outcome) const {
    return static_cast<std::size_t>(std::ranges::count(outcomes_, outcome, &Decoded::outcome));
  }
  std::size_t refused() const { return count(RecordError::envelope); }
  std::size_t oversized() const { return count(RecordError::oversized); }

 private:
  std::size_t count(RecordError error) const {
    return static_cast<std::size_t>(std::ranges::count(outcomes_, error, &Decoded::error));
  }
  void on_code(const ReasonEvent&) override {}
  void on_close(const CloseEvent&) override {}
  void on_denial(const DenialEvent&) override {}

  std::vector<std::string> lines_;
  std::vector<Decoded> outcomes_;
  std::unique_ptr<Decoder> decoder_;
};

using Lines = std::vector<std::string>;

}  // namespace mre::test
