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

/// How a feed goes on from an earlier one, and keeps its own checkpoint.
struct FeedState {
  std::shared_ptr<CheckpointStore> store;  ///< Null: everything is in memory only.
  std::string counts = {};                 ///< Of a Checkpoint; empty: from 0.
  /// `counts` may be below what was served before; reading on from the checkpoint makes that good.
  bool may_be_old = false;
  /// The source is that of an earlier feed, and may still have to tell the interruption that ended it.
  bool source_reused = false;
};

/// What of a feed goes on as it is in the feed that takes its position.
struct Reuse {
  bool source = false;   ///< The source itself, with all that it has taken in.
  bool decoder = false;  ///< What the decoder knows: events that wait for a later record wait on.
};

/// What a feed leaves to the feed that takes its position in the same process.
struct Handover {
  std::unique_ptr<Source> source;  ///< Null: it has ended, at the position of the checkpoint.
  std::shared_ptr<CheckpointStore> store;
  Checkpoint checkpoint;
  bool may_be_old = false;  ///< As in FeedState.
};

/// One source, its decoder and its counters on one thread.
///
/// The thread owns all three. Others read a copy of the counters that it publishes between two records: when
/// the source has nothing more right now, and at the latest every 4096 records or 100 ms. So a scrape sees
/// one moment, and holds the feed up for one copy at most.
///
/// With a store, a scrape shows only what is on disk, so that after a crash no counter is below what was
/// scraped: Prometheus would take that for a reset and count everything twice. The one who scrapes writes the
/// checkpoint; the feed's thread only copies it.
class Feed {
 public:
  Feed(FeedOptions options, std::unique_ptr<Source> source, std::unique_ptr<Decoder> decoder,
       FeedState state = {});
  ~Feed();  ///< Stops.
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void start();         ///< Once.
  void request_stop();  ///< Begins what `stop` waits for, so that several feeds end beside each other.
  /// Ends the thread and waits for it; it may count what is there already for about two seconds more.
  /// `sample` keeps the end, and so does the disk.
  void stop();

  /// Instead of `stop`, once: ends the thread, and gives what another feed goes on from. Afterwards `sample`
  /// and `scrape` still say what there was, and touch neither the source nor the store.
  Handover hand_over(Reuse reuse);

  /// What was published last; before `start` everything is 0, or as in the checkpoint. Any thread.
  FeedSample sample() const;

  /// What a scrape may show: writes a checkpoint first, unless nothing was counted since the last one or that
  /// was written less than 200 ms ago; then it shows that one. While nothing can be written it shows what
  /// was published last. Takes 2 s at most, and what the disk takes beyond that. Any thread.
  FeedSample scrape();

  /// Writes a checkpoint if something was counted since the last one and it is due: after a second, and a
  /// second more for each 64 KiB it holds. Any thread.
  void write_due_checkpoint();

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

  void interrupt_source();  // any thread

  // Whoever scrapes or keeps (feed_checkpoint.cc).
  void end_turn();
  void write_checkpoint();
  std::optional<Moment> ask_for_moment();
  void log_checkpoint(const Result<void>& kept);
  FeedSample shown();

  std::unique_ptr<Source> source_;  // null once it was handed over
  const std::unique_ptr<Decoder> decoder_;
  std::optional<Reuse> reuse_;  // set before the thread is told to stop, if it hands over
  FeedLoop loop_;
  bool catching_up_;               // the counters are withheld until the source has nothing more
  std::uint64_t interrupts_seen_;  // of those that may have ended a wait
  std::string error_;              // why the source failed; empty while it does not
  unsigned failures_ = 0;          // in a row
  Clock::time_point silent_at_{};  // when the source will have been silent for long
  SourceLog log_;
  std::uint64_t matched_before_;  // records with events that an earlier feed read

  std::atomic<bool> moment_wanted_ = false;
  std::atomic<std::uint64_t> interrupts_ = 0;
  mutable std::mutex published_mutex_;  // guards the ten below
  std::condition_variable moment_there_;
  FeedSample published_;
  std::uint64_t published_revision_;
  std::optional<Moment> moment_;
  bool ended_ = false;    // the thread has left its last moment
  FeedSample persisted_;  // what the checkpoint on disk says
  std::uint64_t persisted_revision_;
  CheckpointStatus checkpoint_status_;
  std::uint64_t turns_ = 0;  // that ended, of those who held checkpoint_mutex_
  std::condition_variable turn_ended_;

  std::mutex checkpoint_mutex_;  // guards the five below
  const std::shared_ptr<CheckpointStore> store_;
  bool ever_written_ = false;
  Clock::time_point written_at_{};
  Clock::time_point due_at_{};
  std::string logged_failure_;

  std::mutex wait_mutex_;
  std::condition_variable_any wait_;
  std::jthread thread_;
};

}  // namespace mre
