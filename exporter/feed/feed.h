// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "exporter/feed/checkpoint_store.h"
#include "exporter/feed/feed_loop.h"
#include "exporter/feed/source_log.h"

namespace mre {

/// What a feed resumes from, and where it writes its checkpoints.
struct ResumePoint {
  std::shared_ptr<CheckpointStore> store = nullptr;  ///< Null: no persistence.
  Checkpoint checkpoint = {};                        ///< Without a profile: nothing was counted.
  /// The counters of the checkpoint may be below what was served before, until the records after it are read again.
  bool may_be_old = false;
  /// The checkpoint was handed over in this process, not read from disk. If the source was handed over too, its next
  /// wait may return early, because of the interruption that stopped the earlier feed.
  bool handed_over = false;
};

/// A source with the point from which its feed resumes.
struct ResumableSource {
  /// Without its decoder, or with an earlier one. Null: it was closed for a handover, to be opened at the checkpoint's
  /// position.
  std::unique_ptr<Input> input = nullptr;
  ResumePoint resume = {};
};

/// What the next feed takes over as it is.
struct Reuse {
  bool source = false;   ///< The source itself, with everything it has received.
  bool decoder = false;  ///< The state of the decoder; events that wait for a later record keep waiting.
};

/// One input and its counters on one thread.
///
/// The thread owns both. Other threads read a copy of the counters that it publishes between two records: when
/// the source has nothing more to read, and at least every 20 ms. So a scrape shows one moment, and
/// delays the feed by one copy at most.
///
/// With a checkpoint store, a scrape shows only what is on disk, so that no counter is below its last scraped value
/// after a crash: Prometheus would take that for a reset and count everything twice. The thread that scrapes writes
/// the checkpoint; the feed's thread only copies it.
class Feed {
 public:
  Feed(FeedOptions options, std::unique_ptr<Input> input, ResumePoint resume = {});
  ~Feed();  ///< Stops.
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void start();         ///< Once.
  void request_stop();  ///< Starts what `stop` waits for, so that several feeds stop at the same time.
  /// Stops the thread and joins it. The thread may count what was already received for about two seconds more. The
  /// last values remain in `sample` and in the checkpoint.
  void stop();

  /// Stops, once, and returns what another feed resumes from. Afterwards `sample` and `scrape` return the last values
  /// and use neither the source nor the store.
  ResumableSource hand_over(Reuse reuse);

  /// The values that were published last; before `start` those of the checkpoint, or 0. Any thread.
  FeedSample sample() const;

  /// The values that a scrape may show. Writes a checkpoint first, unless nothing was counted since the last one or
  /// that is less than 200 ms old; then the values are those of the last one. If checkpoints cannot be written, returns
  /// the values that were published last. Takes at most 2 s plus the time of the disk. Any thread.
  FeedSample scrape();

  /// Writes a checkpoint if something was counted since the last one and it is due: after one second, plus one second
  /// for each 64 KiB of its size. Returns when to call it again: when the next one is due, or never while there is
  /// nothing to write; then the store requests the next call (CheckpointStore::request). Any thread.
  Deadline write_due_checkpoint();

 private:
  using Clock = std::chrono::steady_clock;

  /// One moment between two records.
  struct Moment {
    FeedSample sample;
    std::uint64_t revision = 0;
    Checkpoint checkpoint;
  };

  // The feed's thread (feed.cc).
  void run(const std::stop_token& stop);
  Result<void> round();
  void finish();
  void recovered();
  void wait_after(const Error& error, const std::stop_token& stop);
  void publish(bool last = false);
  std::optional<Moment> this_moment();
  Checkpoint checkpoint_at(std::string position, bool source_reused = false) const;
  FeedSample current_sample() const;

  void interrupt_input();  // any thread

  // The threads that scrape or write checkpoints (feed_checkpoint.cc).
  void end_turn();
  bool has_unsaved() const;
  void write_checkpoint();
  std::optional<Moment> ask_for_moment();
  void log_checkpoint(const Result<void>& written);
  FeedSample shown();

  std::unique_ptr<Input> input_;  // null after it was handed over
  std::optional<Reuse> reuse_;    // set before the thread is stopped for a handover
  FeedLoop loop_;
  bool catching_up_;               // the counters are not served until the source has nothing more to read
  std::uint64_t interrupts_seen_;  // interruptions that may have ended a wait
  std::string error_;              // why the source failed; empty if it did not
  unsigned failures_ = 0;          // in a row
  Clock::time_point silent_at_{};  // when the source counts as silent
  SourceLog log_;
  std::uint64_t matched_before_;  // records with events that an earlier feed read

  std::atomic<bool> moment_wanted_ = false;
  std::atomic<std::uint64_t> interrupts_ = 0;

  /// What the feed's thread and the threads that scrape exchange. `mutex` guards the other members.
  struct Published {
    mutable std::mutex mutex;
    std::condition_variable moment_there;
    std::condition_variable turn_ended;
    FeedSample sample;
    std::uint64_t revision = 0;  // of `sample`
    std::optional<Moment> moment;
    bool ended = false;    // the thread has left its last moment
    FeedSample persisted;  // the values of the checkpoint on disk
    std::uint64_t persisted_revision = 0;
    CheckpointStatus checkpoint_status;
    std::uint64_t turns = 0;  // how often Writer::mutex was released
  };
  Published published_;

  /// The writing of checkpoints. `mutex` guards the other members and the store.
  struct Writer {
    std::mutex mutex;
    bool ever_written = false;
    Clock::time_point written_at{};
    Clock::time_point due_at{};
    std::string logged_failure;
  };
  Writer writer_;
  const std::shared_ptr<CheckpointStore> store_;  // null: no persistence

  std::mutex wait_mutex_;
  std::condition_variable_any wait_;
  std::jthread thread_;
};

}  // namespace mre
