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
/// When a moment is asked for again that the feed's thread did not give.
constexpr seconds kRetry{1};
/// Large checkpoints are written less often than small ones, to limit the wear of flash storage.
constexpr std::size_t kBytesPerSecond = 64 * 1024;

}  // namespace

FeedSample Feed::scrape() {
  if (!store_) return sample();
  std::unique_lock published(published_.mutex);
  const std::uint64_t turns = published_.turns;
  published.unlock();
  if (const std::unique_lock turn(writer_.mutex, std::try_to_lock); turn) {
    if (Clock::now() - writer_.written_at >= kSpacing) write_checkpoint();
    end_turn();
  } else {  // Another thread writes a checkpoint, which is used here too.
    published.lock();
    published_.turn_ended.wait_for(published, kPatience, [&] { return published_.turns != turns; });
    published.unlock();
  }
  return shown();
}

void Feed::end_turn() {
  const std::lock_guard lock(published_.mutex);
  ++published_.turns;
  published_.turn_ended.notify_all();
}

Deadline Feed::write_due_checkpoint() {
  if (!store_) return Deadline::max();
  const std::unique_lock lock(writer_.mutex, std::try_to_lock);
  if (!lock) return Clock::now() + kSpacing;  // another thread writes it
  if (Clock::now() >= writer_.due_at) write_checkpoint();
  end_turn();
  return has_unsaved() ? writer_.due_at : Deadline::max();
}

/// Whether there is something to write. The caller holds writer_.mutex.
bool Feed::has_unsaved() const {
  const std::lock_guard lock(published_.mutex);
  return !writer_.ever_written || !published_.checkpoint_status.durable ||
         published_.revision != published_.persisted_revision;
}

/// The values on disk, with the current state of the source if nothing was counted since.
FeedSample Feed::shown() {
  const std::lock_guard lock(published_.mutex);
  const bool same = published_.revision == published_.persisted_revision;
  FeedSample sample =
      same || !published_.checkpoint_status.durable ? published_.sample : published_.persisted;
  sample.checkpoint = published_.checkpoint_status;
  return sample;
}

void Feed::write_checkpoint() {
  if (!has_unsaved()) return;
  writer_.due_at = Clock::now() + kRetry;
  auto moment = ask_for_moment();
  if (!moment) return;
  const auto written = store_->save(moment->checkpoint);
  log_checkpoint(written);
  writer_.written_at = Clock::now();
  writer_.due_at = writer_.written_at + seconds(1 + store_->bytes() / kBytesPerSecond);
  writer_.ever_written = true;
  const std::lock_guard lock(published_.mutex);
  published_.checkpoint_status = store_->status();
  if (!written) return;
  published_.persisted = std::move(moment->sample);
  published_.persisted_revision = moment->revision;
}

std::optional<Feed::Moment> Feed::ask_for_moment() {
  {
    const std::lock_guard lock(published_.mutex);
    if (published_.ended) return std::exchange(published_.moment, std::nullopt);
    published_.moment.reset();  // it came too late for an earlier request
    moment_wanted_ = true;
  }
  interrupt_input();
  {
    const std::lock_guard lock(wait_mutex_);
  }  // The thread either sees the request before it waits, or is notified.
  wait_.notify_all();
  std::unique_lock lock(published_.mutex);
  published_.moment_there.wait_for(lock, kPatience,
                                   [this] { return published_.moment.has_value() || published_.ended; });
  return std::exchange(published_.moment, std::nullopt);
}

/// Logs a change of the outcome once.
void Feed::log_checkpoint(const Result<void>& written) {
  const std::string failure = written ? "" : written.error().what;
  if (failure == writer_.logged_failure) return;
  writer_.logged_failure = failure;
  const FeedSample& sample = published_.persisted;  // its names never change
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
