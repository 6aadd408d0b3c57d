// SPDX-License-Identifier: Apache-2.0
// The detection of a broker's profile from its first records, on a thread of the broker.
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/base/unix_time.h"
#include "exporter/config/auto_profile.h"
#include "exporter/runtime/broker.h"
#include "exporter/tail/log_file.h"

namespace mre {
namespace {

using Clock = std::chrono::steady_clock;

/// The longest wait for a record between two samples.
constexpr auto kTick = std::chrono::seconds(1);
/// How much of an existing log is read for the detection only, without being counted.
constexpr std::size_t kPastBytes = 64 * 1024;
/// When a warning says that no profile fits: after this number of records, or this long after the first.
constexpr std::uint64_t kPatienceRecords = 1000;
constexpr auto kPatience = std::chrono::seconds(10);

constexpr std::string_view kReading = "reading the first records to detect the profile";

std::string existing_lines(const SourceConfig& source) {
  const auto* log = std::get_if<LogOptions>(&source.options);
  if (log == nullptr || log->path == "-" || log->from == LogOptions::From::beginning) return {};
  const auto file = LogFile::open(log->path);
  return file ? file->last_lines(kPastBytes) : std::string();
}

Envelope envelope_of(const SourceConfig& source) {
  const auto* log = std::get_if<LogOptions>(&source.options);
  return log == nullptr ? Envelope::plain : log->envelope;
}

/// The prefix of a log message.
std::string name_of(const BrokerConfig& broker) {
  return broker.name.empty() ? "" : "broker " + broker.name + ": ";
}

}  // namespace

void Broker::detect_profile(const std::stop_token& stop) {
  ProfileSelection choice(config_.candidates);
  for (const Waiting& waiting : waiting_) {
    const SourceConfig& source = config_.sources[waiting.index];
    choice.add(source.name, source.kind(), envelope_of(source), *waiting.open.input->records(),
               existing_lines(source));
  }
  const std::uint64_t past = choice.records();
  std::optional<Clock::time_point> first;
  while (!stop.stop_requested()) {
    const auto polled = choice.poll(Clock::now() + kTick);
    if (polled && *polled) return apply(**polled);
    for (Waiting& waiting : waiting_) waiting.log.log_state(sample_of(waiting));
    const std::uint64_t records = choice.records();
    if (records > 0 && !first) first = Clock::now();
    const bool late = records >= kPatienceRecords || (first && Clock::now() - *first >= kPatience);
    if (advice_.empty() && (late || choice.ended())) advise(choice);
    publish(&choice, records - past, polled ? "" : polled.error().what);
    if (polled && choice.ended()) return;
    if (!polled) pause(stop);
  }
}

/// Makes the feeds as if the profile had been named. The sources continue at their position.
void Broker::apply(const ProfileSelection::Choice& choice) {
  for (Waiting& waiting : waiting_) set_profile(choice.profile, config_.sources[waiting.index], waiting.open);
  spdlog::info("broker {}: profile {}, because {}", config_.name, choice.profile->name,
               printable(choice.reason, kMessageBytes));
  const std::lock_guard lock(shared_.mutex);
  std::vector<ResumableSource> sources(config_.sources.size());
  for (Waiting& waiting : waiting_) sources[waiting.index] = std::move(waiting.open);
  waiting_.clear();
  auto feeds = make_feeds(std::move(sources));
  if (!feeds)
    return spdlog::error("broker {}: {}", config_.name, printable(feeds.error().what, kMessageBytes));
  log_descriptions();
  shared_.samples.clear();
  for (auto& feed : *feeds) {
    feed->start();
    shared_.feeds.push_back(std::move(feed));
  }
}

/// Logs once what the operator can do if no profile fits.
void Broker::advise(const ProfileSelection& choice) {
  const std::string_view then = choice.ended() ? "There are no more records" : "Detection continues";
  advice_ =
      "cannot detect the profile from the records so far: name the kind of broker (--broker.profile, or "
      "profile in "
      "the configuration file)";
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (const std::string near = choice.near_miss(i); !near.empty())
      advice_ = "the messages are like those of the profile " + near +
                ", but it does not know how the lines begin: set --log.envelope, or name the profile";
  }
  spdlog::warn(
      "{}{}. {}. \"list brokers\" prints the kinds of broker and their settings; \"replay --explain "
      "--broker.profile NAME FILE\" prints what a profile reads. {}",
      name_of(config_), advice_, printable(choice.summary(), kMessageBytes), then);
}

FeedSample Broker::sample_of(const Waiting& waiting) const {
  const SourceConfig& source = config_.sources[waiting.index];
  FeedSample sample;
  sample.broker = config_.name.empty() ? std::string(kAutoProfile) : config_.name;
  sample.source = source.name;
  sample.profile = kAutoProfile;
  sample.kind = source.kind();
  sample.status = waiting.open.input->status();
  return sample;
}

void Broker::publish(const ProfileSelection* choice, std::uint64_t records, const std::string& error) {
  if (error != logged_error_) {
    logged_error_ = error;
    if (!error.empty()) spdlog::warn("{}{}", name_of(config_), printable(error, kMessageBytes));
  }
  const bool more = std::exchange(records_, records) != records;
  std::vector<FeedSample> samples;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    FeedSample& sample = samples.emplace_back(sample_of(waiting_[i]));
    if (choice != nullptr) sample.near_miss = choice->near_miss(i);
    if (sample.status.up) sample.status.state = advice_.empty() ? std::string(kReading) : advice_;
    if (i < shared_.samples.size())
      sample.last_record_timestamp_seconds = shared_.samples[i].last_record_timestamp_seconds;
    if (more) sample.last_record_timestamp_seconds = unix_seconds();
  }
  const std::lock_guard lock(shared_.mutex);
  shared_.samples = std::move(samples);
}

void Broker::pause(const std::stop_token& stop) {
  std::unique_lock lock(pause_mutex_);
  pause_.wait_for(lock, stop, kTick, [] { return false; });
}

}  // namespace mre
