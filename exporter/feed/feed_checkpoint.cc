// SPDX-License-Identifier: Apache-2.0
// What a scrape shows and what is on disk: the side of a Feed that others than its thread call. They ask the
// thread for one moment between two records, and do the writing themselves, so that a slow disk holds up
// nobody's counting.
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/feed/feed.h"

namespace mre {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Scrapes that come closer together share a checkpoint: a flood of them is no flood of fsync(2).
constexpr milliseconds kSpacing{200};
/// How long one scrape waits for another that writes, and for the feed's thread.
constexpr milliseconds kPatience{1000};
/// How much more often small checkpoints are written than large ones, so that a disk of flash lives.
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
  } else {  // What that one writes will do.
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
  if (!lock) return;  // somebody is at it
  if (Clock::now() >= due_at_) write_checkpoint();
  end_turn();
}

/// What is on disk; with the state of the source as it is now, if nothing was counted since.
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
  const auto kept = store_->save(moment->checkpoint);
  log_checkpoint(kept);
  written_at_ = Clock::now();
  due_at_ = written_at_ + seconds(1 + store_->bytes() / kBytesPerSecond);
  ever_written_ = true;
  const std::lock_guard lock(published_mutex_);
  checkpoint_status_ = store_->status();
  if (!kept) return;
  persisted_ = std::move(moment->sample);
  persisted_revision_ = moment->revision;
}

std::optional<Feed::Moment> Feed::ask_for_moment() {
  {
    const std::lock_guard lock(published_mutex_);
    if (ended_) return std::exchange(moment_, std::nullopt);
    moment_.reset();  // one that came too late for who had asked
    moment_wanted_ = true;
  }
  interrupt_source();
  {
    const std::lock_guard lock(wait_mutex_);
  }  // The thread sees it before it waits, or is told.
  wait_.notify_all();
  std::unique_lock lock(published_mutex_);
  moment_there_.wait_for(lock, kPatience, [this] { return moment_.has_value() || ended_; });
  return std::exchange(moment_, std::nullopt);
}

/// Once per change.
void Feed::log_checkpoint(const Result<void>& kept) {
  const std::string failure = kept ? "" : kept.error().what;
  if (failure == logged_failure_) return;
  logged_failure_ = failure;
  const FeedSample& sample = persisted_;  // its names never change
  if (kept) {
    spdlog::info("broker {}, source {}: the checkpoint is written again", printable(sample.broker),
                 printable(sample.source));
  } else {
    spdlog::error(
        "broker {}, source {}: {}. Counting goes on in memory; make room there, or give another folder with "
        "--state.dir",
        printable(sample.broker), printable(sample.source), printable(failure, 1024));
  }
}

}  // namespace mre
