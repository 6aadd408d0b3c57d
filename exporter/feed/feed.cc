#include "exporter/feed/feed.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

/// A source that gave nothing for so long is silent: the decoder need not wait for a confirmation any more.
constexpr auto kTick = std::chrono::seconds(1);

/// A source tries again by itself; this bounds one that keeps failing instead.
constexpr auto kFirstBackOff = std::chrono::milliseconds(100);
constexpr auto kLastBackOff = std::chrono::milliseconds(10'000);

}  // namespace

Feed::Feed(FeedOptions options, std::unique_ptr<Source> source, std::unique_ptr<Decoder> decoder)
    : source_(std::move(source)),
      decoder_(std::move(decoder)),
      drive_(std::move(options), *source_, *decoder_),
      published_(drive_.sample()) {}

Feed::~Feed() { stop(); }

void Feed::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Feed::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  source_->interrupt();
  thread_.join();
}

FeedSample Feed::sample() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

void Feed::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto done = round();
    if (done) continue;
    if (done.error().code == Errc::end_of_stream) break;
    wait_after(done.error(), stop);
  }
  drive_.settle();
  publish();
}

/// Counts what is there, publishes, and once nothing is left waits for more.
Result<void> Feed::round() {
  const std::uint64_t before = drive_.records();
  const auto more = drive_.take();
  if (drive_.records() != before) recovered();
  if (!more) return tl::make_unexpected(more.error());
  publish();
  if (*more) return {};
  const auto came = drive_.step(std::chrono::steady_clock::now() + kTick);
  if (!came) return tl::make_unexpected(came.error());
  recovered();
  if (!*came) drive_.settle();
  return {};
}

/// A source is well again once it gave a record or lasted through a wait, not when it merely had nothing to
/// say.
void Feed::recovered() {
  failures_ = 0;
  error_.clear();
}

void Feed::wait_after(const Error& error, const std::stop_token& stop) {
  error_ = error.what;
  publish();
  const auto back_off = std::min(kFirstBackOff * (1U << std::min(failures_++, 10U)), kLastBackOff);
  std::unique_lock lock(wait_mutex_);
  wait_.wait_for(lock, stop, back_off, [] { return false; });
}

void Feed::publish() {
  drive_.refresh();
  log_change();
  const std::lock_guard lock(published_mutex_);
  published_ = drive_.sample();
  if (error_.empty()) return;
  published_.status.up = false;
  published_.status.state = error_;
}

/// Logs the state of the source once per change.
void Feed::log_change() {
  const FeedSample& sample = drive_.sample();
  const bool up = sample.status.up && error_.empty();
  const std::string& state = error_.empty() ? sample.status.state : error_;
  if (up == logged_up_ && state == logged_state_) return;
  const bool was_up = std::exchange(logged_up_, up);
  logged_state_ = state;
  const bool starting = !was_up && sample.status.failures == 0 && error_.empty();
  const auto level = up || sample.ended || starting ? spdlog::level::info : spdlog::level::warn;
  spdlog::log(level, "broker {}, source {}: {}", printable(sample.broker), printable(sample.source),
              printable(state));
}

}  // namespace mre
