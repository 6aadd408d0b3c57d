// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/clients/event_history.h"
#include "exporter/event/decoder.h"
#include "exporter/input/input.h"
#include "exporter/metrics/feed_sample.h"
#include "exporter/metrics/reason_counters.h"

/// The loop that polls an input and counts its records and their events. The exporter runs it on the thread of a feed
/// (feed.h); `drain` runs it to the end of the stream.
namespace mre {

/// Whether the capture of a broker can read packets: set by its feed, read by the other feeds of the broker for each
/// event. An event at the moment of a change may be counted twice or not at all.
struct CaptureVisibility {
  std::atomic<bool> visible = false;
};

/// What a replay knows about a record before it is decoded.
struct RecordChoice {
  bool is_counted = true;    ///< Otherwise it is decoded, but it is reported as ignored and has no events.
  std::int64_t time_us = 0;  ///< When it was written, since 1970; 0: see Subject.
};

struct FeedOptions {
  std::string broker;   ///< Name from the config.
  std::string source;   ///< The source's name in the config.
  std::string profile;  ///< Name of the profile.
  SourceKind kind{};    ///< Of the source.
  Authorities authority;
  std::shared_ptr<CaptureVisibility> capture = nullptr;  ///< Null: the broker has none.
  std::size_t max_series = 512;                          ///< See ReasonCounters.
  std::shared_ptr<EventHistory> history =
      nullptr;  ///< Of the broker; null: who is behind events is not kept.
  std::function<RecordChoice(const Record&)> choose =
      nullptr;  ///< Asked for each record; null: all are counted.
};

/// One thread uses it. Input and observer must outlive it.
class FeedLoop final : private InputSink {
 public:
  /// `observer` receives what the input emits, except names of clients, after it was counted.
  FeedLoop(FeedOptions options, Input& input, InputSink* observer = nullptr);

  /// Waits until `deadline` for records and counts them. False if there were none. Errors: those of the input.
  Result<bool> step(Deadline deadline);

  /// Counts the records that are available, at most for 20 ms. True if there may be more. Errors: those of the
  /// input.
  Result<bool> poll_batch();

  /// Counts all records up to the end of the stream, which is not an error here, and settles. Calls `report` at least
  /// every 4096 records and at the end; `sample()` is up to date then. Errors: those of the input.
  Result<void> drain(const std::function<void()>& report = [] {});

  /// Counts the events that wait for a later record. Call it when the input is silent and at the end of the stream.
  void settle();

  /// `save` writes what was counted up to the last `refresh`; `restore` resumes from it, in a loop that has not counted
  /// anything. False if the bytes are invalid; then nothing has changed. With `source_reused` the counters of the
  /// source are left out, because the same source reports them again.
  void save(ByteWriter& out, bool source_reused = false) const;
  bool restore(std::string_view bytes);

  /// Increases whenever one of the counters of `sample()` does.
  std::uint64_t revision() const;

  /// Updates `sample()`. New records and events get the current time.
  void refresh();

  const FeedSample& sample() const { return sample_; }                  ///< As of the last `refresh`.
  std::uint64_t records() const { return records_; }                    ///< Read so far.
  std::uint64_t records_left_out() const { return records_left_out_; }  ///< Of these, what was not chosen.

 private:
  void on_code(const ReasonEvent& event) override;
  void on_close(const CloseEvent& event) override;
  void on_denial(const DenialEvent& event) override;
  void on_client(const Subject& subject) override;
  bool wants_clients() const override { return history_ != nullptr && history_->wants_events(); }
  bool wants_records() const override {
    return choose_ || (observer_ != nullptr && observer_->wants_records());
  }
  void begin_record(const Record& record) override;
  void on_record(const Record& record, const Decoded& decoded) override;
  void on_lines(const DecodedLines& lines) override;
  void count_outcome(const Decoded& decoded);
  void count_event(const auto& event);
  void remember(const auto& counted);

  Input& input_;
  InputSink* const observer_;
  const std::function<RecordChoice(const Record&)> choose_;
  RecordChoice choice_;  // of the last record
  std::uint64_t records_left_out_ = 0;
  const std::shared_ptr<CaptureVisibility> capture_;
  const std::shared_ptr<EventHistory> history_;
  const std::size_t max_series_;
  ReasonCounters counters_;
  ReasonCounters shadow_;
  FeedSample sample_;
  std::array<std::uint64_t, kOutcomes> outcomes_{};
  std::array<std::uint64_t, kRecordErrors> errors_{};
  std::uint64_t records_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t unread_streak_ = 0;  // FeedSample::unread_streak
  SourceStatus earlier_;             // what earlier sources had counted
  std::uint64_t clients_forgotten_earlier_ = 0;
  std::uint64_t broker_starts_earlier_ = 0;
  std::uint64_t refreshed_records_ = 0;
  std::uint64_t refreshed_events_ = 0;
};

}  // namespace mre
