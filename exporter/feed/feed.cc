// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/feed.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

/// A source without a record for this long is silent: the decoder stops waiting for confirmations.
constexpr auto kTick = std::chrono::seconds(1);

/// A source retries by itself; this limits the retries of a source that always returns an error.
constexpr auto kFirstBackOff = std::chrono::milliseconds(100);
constexpr auto kLastBackOff = std::chrono::milliseconds(10'000);

/// After this many records with events the visibility of a source is logged, even if the source is never silent.
constexpr std::uint64_t kConclusiveRecords = 100;

std::uint64_t matched(const FeedSample& sample) {
  return sample.records[static_cast<std::size_t>(Outcome::matched)];
}

}  // namespace

Feed::Feed(FeedOptions options, std::unique_ptr<Input> input, ResumePoint resume)
    : input_(std::move(input)),
      loop_(std::move(options), *input_),
      catching_up_(resume.may_be_old),
      interrupts_seen_(resume.handed_over ? ~std::uint64_t{0} : 0),
      store_(std::move(resume.store)) {
  if (!resume.checkpoint.counts.empty() && !loop_.restore(resume.checkpoint.counts)) {
    spdlog::warn("broker {}, source {}: the counters of the checkpoint are invalid: they start at 0",
                 printable(loop_.sample().broker), printable(loop_.sample().source));
  }
  matched_before_ = matched(loop_.sample());
  if (store_) published_.checkpoint_status = store_->status();
  published_.sample = published_.persisted = current_sample();
  published_.revision = published_.persisted_revision = loop_.revision();
}

Feed::~Feed() { stop(); }

void Feed::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  if (store_) store_->request();
}

void Feed::request_stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  interrupt_input();
}

void Feed::stop() {
  if (!thread_.joinable()) return;
  request_stop();
  thread_.join();
  if (!store_) return;
  const std::lock_guard lock(writer_.mutex);
  write_checkpoint();
}

/// Counts an interruption before and after it takes effect, because the input may return in between.
void Feed::interrupt_input() {
  ++interrupts_;
  input_->interrupt();
  ++interrupts_;
}

ResumableSource Feed::hand_over(Reuse reuse) {
  reuse_ = reuse;
  stop();
  const std::lock_guard lock(writer_.mutex);  // who scrapes has done with the source: the thread has ended
  ByteWriter position;
  const bool has_place = input_->save_position(position);
  Checkpoint checkpoint = checkpoint_at(has_place ? std::move(position).take() : "", reuse.source);
  ResumableSource left{.resume = {.store = store_,
                                  .checkpoint = std::move(checkpoint),
                                  .may_be_old = catching_up_,
                                  .handed_over = true}};
  if (reuse.source) left.input = std::move(input_);
  return left;
}

FeedSample Feed::sample() const {
  const std::lock_guard lock(published_.mutex);
  return published_.sample;
}

void Feed::run(const std::stop_token& stop) {
  silent_at_ = Clock::now() + kTick;
  while (!stop.stop_requested()) {
    const auto done = round();
    if (done) continue;
    if (done.error().code == Errc::end_of_stream) {
      loop_.settle();
      break;
    }
    wait_after(done.error(), stop);
  }
  if (!reuse_ || !reuse_->source) finish();
  const bool keeps_waiting =
      reuse_ ? reuse_->decoder : store_ != nullptr;  // events that wait for a later record
  if (!keeps_waiting) loop_.settle();
  publish(true);
}

/// Counts what the source has received and would not receive again.
void Feed::finish() {
  input_->finish();
  const auto until = Clock::now() + kTick;
  while (Clock::now() < until) {
    const auto more = loop_.poll_batch();
    if (!more || !*more) return;
  }
}

/// Counts what is available, publishes it, and waits for more if nothing is left.
Result<void> Feed::round() {
  const std::uint64_t before = loop_.records();
  const auto more = loop_.poll_batch();
  if (loop_.records() != before) recovered();
  if (!more) return tl::make_unexpected(more.error());
  if (!*more) catching_up_ = false;
  publish();
  if (*more) return {};
  const auto came = loop_.step(Clock::now() + kTick);
  if (!came) return tl::make_unexpected(came.error());
  // An interruption may end a wait that began after its purpose was fulfilled.
  const std::uint64_t interrupts = interrupts_;
  const bool interrupted = !*came && std::exchange(interrupts_seen_, interrupts) != interrupts;
  if (interrupted && Clock::now() < silent_at_) return {};  // not silent yet
  if (!*came) {
    loop_.settle();
    // Not after the first lines of a broker: they have no events and do not show its log level.
    if (matched(loop_.sample()) > matched_before_) log_.log_visibility(loop_.sample());
  }
  recovered();
  return {};
}

/// A source has recovered when it returned a record or completed a wait, not when it merely had no record.
void Feed::recovered() {
  failures_ = 0;
  error_.clear();
  silent_at_ = Clock::now() + kTick;
}

void Feed::wait_after(const Error& error, const std::stop_token& stop) {
  error_ = error.what;
  const auto until =
      Clock::now() + std::min(kFirstBackOff * (1U << std::min(failures_++, 10U)), kLastBackOff);
  do {
    publish();
    std::unique_lock lock(wait_mutex_);
    wait_.wait_until(lock, stop, until, [this] { return moment_wanted_.load(); });
  } while (Clock::now() < until && !stop.stop_requested());
}

/// `last`: the thread ends.
void Feed::publish(bool last) {
  loop_.refresh();
  log_.log_state(loop_.sample(), error_);
  if (matched(loop_.sample()) >= matched_before_ + kConclusiveRecords) log_.log_visibility(loop_.sample());
  std::optional<Moment> moment;
  if (store_ && (last || moment_wanted_.load())) moment = this_moment();
  const std::lock_guard lock(published_.mutex);
  published_.sample = current_sample();
  const bool was_saved = published_.revision == published_.persisted_revision;
  published_.revision = loop_.revision();
  if (store_ && was_saved && published_.revision != published_.persisted_revision) store_->request();
  published_.ended = last;
  if (!moment) return;
  published_.moment = std::move(moment);
  moment_wanted_ = false;
  published_.moment_there.notify_all();
}

/// Nothing if the source has no position to resume from.
std::optional<Feed::Moment> Feed::this_moment() {
  ByteWriter position;
  if (!input_->save_position(position)) return std::nullopt;
  return Moment{current_sample(), loop_.revision(), checkpoint_at(std::move(position).take())};
}

Checkpoint Feed::checkpoint_at(std::string position, bool source_reused) const {
  ByteWriter state;
  ByteWriter counts;
  input_->save_state(state);
  loop_.save(counts, source_reused);
  return {loop_.sample().profile, std::move(position), std::move(state).take(), std::move(counts).take()};
}

FeedSample Feed::current_sample() const {
  FeedSample sample = loop_.sample();
  sample.withheld = catching_up_;
  if (error_.empty()) return sample;
  sample.status.up = false;
  sample.status.state = error_;
  return sample;
}

}  // namespace mre
