// SPDX-License-Identifier: Apache-2.0
// The functions of a Feed that other threads call: what a scrape shows, and what is on disk. They ask the feed's thread
// for one moment between two records and write the checkpoint themselves, so that a slow disk does not delay
// counting.
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/feed/feed.h"

namespace mre {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Scrapes within this time share a checkpoint, so that many scrapes do not cause many calls of fsync(2).
constexpr milliseconds kSpacing{200};
/// How long a scrape waits for another one that writes, and for the feed's thread.
constexpr milliseconds kPatience{1000};
/// Large checkpoints are written less often than small ones, to limit the wear of flash storage.
constexpr std::size_t kBytesPerSecond = 64 * 1024;

}  // namespace

FeedSample Feed::scrape() {
  if (!store_) return sample();
  std::unique_lock published(published_mutex_);
  const std::uint64_t turns = turns_;
  published.unlock();
  if (const std::unique_lock turn(checkpoint_mutex_, std::try_to_lock); turn) {
    if (Clock::now() - written_at_ >= kSpacing) write_checkpoint();
    end_turn();
  } else {  // Another thread writes a checkpoint, which is used here too.
    published.lock();
    turn_ended_.wait_for(published, kPatience, [&] { return turns_ != turns; });
    published.unlock();
  }
  return shown();
}

void Feed::end_turn() {
  const std::lock_guard lock(published_mutex_);
  ++turns_;
  turn_ended_.notify_all();
}

void Feed::write_due_checkpoint() {
  if (!store_) return;
  const std::unique_lock lock(checkpoint_mutex_, std::try_to_lock);
  if (!lock) return;  // another thread writes it
  if (Clock::now() >= due_at_) write_checkpoint();
  end_turn();
}

/// The values on disk, with the current state of the source if nothing was counted since.
FeedSample Feed::shown() {
  const std::lock_guard lock(published_mutex_);
  const bool same = published_revision_ == persisted_revision_;
  FeedSample sample = same || !checkpoint_status_.durable ? published_ : persisted_;
  sample.checkpoint = checkpoint_status_;
  return sample;
}

void Feed::write_checkpoint() {
  {
    const std::lock_guard lock(published_mutex_);
    if (ever_written_ && checkpoint_status_.durable && published_revision_ == persisted_revision_) return;
  }
  auto moment = ask_for_moment();
  if (!moment) return;
  const auto written = store_->save(moment->checkpoint);
  log_checkpoint(written);
  written_at_ = Clock::now();
  due_at_ = written_at_ + seconds(1 + store_->bytes() / kBytesPerSecond);
  ever_written_ = true;
  const std::lock_guard lock(published_mutex_);
  checkpoint_status_ = store_->status();
  if (!written) return;
  persisted_ = std::move(moment->sample);
  persisted_revision_ = moment->revision;
}

std::optional<Feed::Moment> Feed::ask_for_moment() {
  {
    const std::lock_guard lock(published_mutex_);
    if (ended_) return std::exchange(moment_, std::nullopt);
    moment_.reset();  // it came too late for an earlier request
    moment_wanted_ = true;
  }
  interrupt_source();
  {
    const std::lock_guard lock(wait_mutex_);
  }  // The thread either sees the request before it waits, or is notified.
  wait_.notify_all();
  std::unique_lock lock(published_mutex_);
  moment_there_.wait_for(lock, kPatience, [this] { return moment_.has_value() || ended_; });
  return std::exchange(moment_, std::nullopt);
}

/// Logs a change of the outcome once.
void Feed::log_checkpoint(const Result<void>& written) {
  const std::string failure = written ? "" : written.error().what;
  if (failure == logged_failure_) return;
  logged_failure_ = failure;
  const FeedSample& sample = persisted_;  // its names never change
  if (written) {
    spdlog::info("broker {}, source {}: checkpoints can be written again", printable(sample.broker),
                 printable(sample.source));
  } else {
    spdlog::error(
        "broker {}, source {}: cannot write the checkpoint: {}. Counting continues in memory: free disk "
        "space, or set "
        "--state.dir to another directory",
        printable(sample.broker), printable(sample.source), printable(failure, 1024));
  }
}

}  // namespace mre
