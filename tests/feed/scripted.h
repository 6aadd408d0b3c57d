// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "exporter/event/decoder.h"
#include "exporter/feed/feed_loop.h"
#include "exporter/input/record_input.h"
#include "tests/metrics/samples.h"

/// A source and a decoder in memory that do what the test says.
namespace mre::test {

/// One answer of `next`.
struct Step {
  enum class Kind { record, silence, error, end } kind = Kind::record;
  std::string text = {};  // payload, or what the error says
  bool retained = false;
};
inline Step silence() { return {Step::Kind::silence}; }
inline Step error(std::string what) { return {Step::Kind::error, std::move(what)}; }
inline Step end() { return {Step::Kind::end}; }

/// Answers from its script, without waiting: a silence is a wait that gave nothing, however short. Past the
/// script it waits for `push` or `interrupt`, whatever the deadline.
class ScriptedSource final : public Source {
 public:
  explicit ScriptedSource(std::deque<Step> script = {}) : script_(std::move(script)) { status_.up = true; }

  void push(Step step) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(step));
    changed_.notify_all();
  }

  Result<std::optional<Record>> next(Deadline deadline) override {
    std::unique_lock lock(mutex_);
    const bool may_wait = deadline > std::chrono::steady_clock::now();
    if (may_wait) changed_.wait(lock, [this] { return interrupted_ || !script_.empty(); });
    if (script_.empty()) {
      if (may_wait) interrupted_ = false;
      return std::nullopt;
    }
    if (script_.front().kind == Step::Kind::silence && !may_wait) return std::nullopt;
    return answer();
  }

  void interrupt() override {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    changed_.notify_all();
  }

  bool save(ByteWriter& out) override {
    out.number(bytes_);
    return true;
  }

  const SourceStatus& status() override { return status_; }
  SourceStatus& mutable_status() { return status_; }

 private:
  Result<std::optional<Record>> answer() {
    current_ = std::move(script_.front());
    if (current_.kind != Step::Kind::end) script_.pop_front();  // the end stays the end
    switch (current_.kind) {
      case Step::Kind::silence:
        return std::nullopt;
      case Step::Kind::error:
        return fail(Errc::io, current_.text);
      case Step::Kind::end:
        return fail(Errc::end_of_stream, "end");
      case Step::Kind::record:
        bytes_ += current_.text.size();
        return Record{current_.text, {}, current_.retained};
    }
    return std::nullopt;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Step> script_;
  bool interrupted_ = false;
  Step current_;
  std::uint64_t bytes_ = 0;  // of the records, which is the position
  SourceStatus status_;
};

/// Always has another record: `code and close`.
class EndlessSource final : public Source {
 public:
  EndlessSource() { status_.up = true; }
  Result<std::optional<Record>> next(Deadline) override { return Record{"+", {}, false}; }
  void interrupt() override {}
  bool save(ByteWriter&) override { return true; }
  const SourceStatus& status() override { return status_; }

 private:
  SourceStatus status_;
};

/// Each letter of a record is an order.
class ScriptedDecoder final : public Decoder {
 public:
  Decoded decode(const Record& record, EventSink& sink) override {
    if (record.payload.empty()) return {};
    if (sink.wants_clients()) sink.on_client({.client = "known", .peer = "192.0.2.1:5"});
    Decoded decoded{Outcome::matched, RecordError::none, {}};
    for (const char order : record.payload) {
      if (order == 'a') sink.on_code(kNotAuthorized);
      if (order == 's') sink.on_code(kNoSubscribers);
      if (order == 'c') sink.on_close(coverage_.closes[0]);
      if (order == 'd') sink.on_denial(coverage_.denials[0]);
      if (order == 'v') version_ = "9.9.9";  // of a broker that the profile does not know
      if (order == 'b') ++broker_starts_;
      if (order == 'w') ++waiting_;  // an event that a later record may confirm
      if (order == 'i') decoded.outcome = Outcome::ignored;
      if (order == 'm') decoded = {Outcome::malformed, RecordError::invalid_json, {}};
      if (order == 'u') decoded = {Outcome::unrecognised, RecordError::no_rule, {}};
      if (order == '+') {
        sink.on_code(kNotAuthorized);
        sink.on_close(coverage_.closes[0]);
      }
    }
    return decoded;
  }

  Subject subject() const override { return {.peer = "192.0.2.1:5"}; }

  void settle(EventSink& sink) override {
    for (; waiting_ > 0; --waiting_) sink.on_code(kNormalEnd);
  }

  void save(ByteWriter& out) const override { out.number(waiting_); }
  bool restore(ByteReader& in) override {
    waiting_ = in.number();
    return in.finished();
  }

  DecoderStats stats() const override { return {waiting_, 0, version_, false, broker_starts_}; }
  const Coverage& coverage() const override { return coverage_; }
  Visibility visibility() const override { return all_of(coverage_); }

 private:
  Coverage coverage_ = test::coverage();
  std::uint64_t waiting_ = 0;
  std::uint64_t broker_starts_ = 0;
  std::string version_;
};

/// An input of a script or a source, with a scripted decoder.
inline std::unique_ptr<Input> scripted_input(std::unique_ptr<Source> source) {
  return std::make_unique<RecordInput>(std::move(source), std::make_unique<ScriptedDecoder>());
}

/// An input whose source and decoder the test can reach.
struct ScriptedInput {
  explicit ScriptedInput(std::deque<Step> script = {})
      : ScriptedInput(std::make_unique<ScriptedSource>(std::move(script)),
                      std::make_unique<ScriptedDecoder>()) {}

  ScriptedSource& source;
  ScriptedDecoder& decoder;
  const std::unique_ptr<Input> owned;
  Input& input = *owned;

 private:
  ScriptedInput(std::unique_ptr<ScriptedSource> s, std::unique_ptr<ScriptedDecoder> d)
      : source(*s), decoder(*d), owned(std::make_unique<RecordInput>(std::move(s), std::move(d))) {}
};

/// Of a log that is its broker's only source.
inline FeedOptions log_options() { return {"edge", "log", "mosquitto", SourceKind::log, {all_of_it()}}; }

inline std::uint64_t count_of(const FeedSample& sample, const ReasonEvent& event) {
  std::uint64_t count = 0;
  for (const auto& series : sample.counts.codes)
    if (!series.other && series.event == event) count += series.count;
  return count;
}

inline std::uint64_t count_of_closes(const FeedSample& sample) {
  std::uint64_t count = 0;
  for (const auto& series : sample.counts.closes) count += series.count;
  return count;
}

inline std::uint64_t count_of_denials(const FeedSample& sample) {
  std::uint64_t count = 0;
  for (const auto& series : sample.counts.denials) count += series.count;
  return count;
}

inline std::uint64_t outcome(const FeedSample& sample, Outcome of) {
  return sample.records[static_cast<std::size_t>(of)];
}

}  // namespace mre::test
