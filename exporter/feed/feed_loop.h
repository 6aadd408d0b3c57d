// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/event/decoder.h"
#include "exporter/input/source.h"
#include "exporter/metrics/feed_sample.h"
#include "exporter/metrics/reason_counters.h"

/// The way of a record from its source through the decoder into the counters. The exporter drives it for ever
/// on a feed's thread (feed.h); `drain` takes it to the end of the stream. Both count by the same few lines.
namespace mre {

/// Whether the capture of a broker sees what passes: said by its feed, asked by the broker's others for each
/// event. An event of the moment in which that changes may count twice or not at all.
struct CaptureVisibility {
  std::atomic<bool> visible = false;
};

struct FeedOptions {
  std::string broker;   ///< Name from the config.
  std::string source;   ///< The source's name in the config.
  std::string profile;  ///< Name of the profile.
  std::string kind;     ///< "capture", "log" or "mqtt".
  Authorities authority;
  std::shared_ptr<CaptureVisibility> capture = nullptr;  ///< Null: the broker has none.
  std::size_t max_series = 512;                          ///< See ReasonCounters.
};

/// The events that came out of the decoder at once, in its order.
struct DecodedEvents {
  std::vector<ReasonEvent> codes;
  std::vector<CloseEvent> closes;
  std::vector<DenialEvent> denials;
};

/// Watches a drive, on its thread.
class FeedObserver {
 public:
  virtual ~FeedObserver() = default;

  /// Whether it wants `on_record` and `on_settle`: asked once, because they cost what counting does.
  virtual bool sees_records() const { return true; }
  /// After each record was counted. A decoder that waits for a confirmation may tell an event with a later
  /// record.
  virtual void on_record(const Record&, const Decoded&, const DecodedEvents&) {}
  /// After the events that no later record confirmed were counted. `found` holds at least one.
  virtual void on_settle(const DecodedEvents&) {}
  /// While `drain` runs, at the latest every 4096 records, and at its end.
  virtual void on_progress(const FeedSample&) {}
};

/// One thread uses it. Source, decoder and observer must outlive it.
class FeedLoop final : private EventSink {
 public:
  FeedLoop(FeedOptions options, Source& source, Decoder& decoder, FeedObserver* observer = nullptr);

  /// Waits until `deadline` for one record and counts it: true. False if none came. Errors are the source's.
  /// A retained record is not decoded: it is a state, its outcome is `ignored`.
  Result<bool> step(Deadline deadline);

  /// Counts what is there already, at most 4096 records or for 100 ms. True if there may be more.
  Result<bool> poll_batch();

  /// Counts everything up to the end of the stream, which is no error here; then `sample()` says it all. An
  /// error of the source ends it early.
  Result<void> drain();

  /// Counts the events that waited for a later record. For a silence and for the end of the stream.
  void settle();

  /// Writes what was counted up to the last `refresh`, of which `restore` makes a drive that has counted
  /// nothing yet go on. False, and nothing was taken over, if the bytes are not that. If the source goes on
  /// in that drive, what it says of itself is left out: it will say so again.
  void save(ByteWriter& out, bool source_reused = false) const;
  bool restore(std::string_view bytes);

  /// Rises whenever one of the counters of `sample()` does.
  std::uint64_t revision() const;

  /// Brings `sample()` up to date. Counts the time of the last record and event as now.
  void refresh();

  const FeedSample& sample() const { return sample_; }  ///< As of the last `refresh`.
  std::uint64_t records() const { return records_; }    ///< Taken until now.

 private:
  void on_code(const ReasonEvent& event) override;
  void on_close(const CloseEvent& event) override;
  void on_denial(const DenialEvent& event) override;
  tl::unexpected<Error> failed(const Error& error);
  void count(const Record& record);
  bool count_lines();
  void count_outcome(const Decoded& decoded);
  void count_event(const auto& event);
  void report();

  Source& source_;
  Decoder& decoder_;
  FeedObserver* observer_;
  FeedObserver* record_observer_;  // the same, or null if it does not want to see records
  const std::shared_ptr<CaptureVisibility> capture_;
  ReasonCounters counters_;
  ReasonCounters shadow_;
  FeedSample sample_;
  DecodedEvents events_found_;  // only for the one who sees records
  std::array<std::uint64_t, kOutcomes> outcomes_{};
  std::array<std::uint64_t, kRecordErrors> errors_{};
  std::uint64_t records_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t unread_streak_ = 0;  // FeedSample::unread_streak
  SourceStatus earlier_;             // what the sources before this one had counted
  std::uint64_t clients_forgotten_earlier_ = 0;
  std::uint64_t refreshed_records_ = 0;
  std::uint64_t refreshed_events_ = 0;
};

}  // namespace mre
