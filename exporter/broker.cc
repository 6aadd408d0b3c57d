#include "exporter/broker.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/base/unix_time.h"
#include "exporter/config/auto_profile.h"
#include "exporter/source/log_file.h"

namespace mre {
namespace {

using Clock = std::chrono::steady_clock;

/// The longest wait for a record between two samples.
constexpr auto kTick = std::chrono::seconds(1);
/// How much of a log that is there already is looked at, without being counted.
constexpr std::size_t kPastBytes = 64 * 1024;
/// When the operator is told that no profile fits: after so many records, or so long after the first.
constexpr std::uint64_t kPatienceRecords = 1000;
constexpr auto kPatience = std::chrono::seconds(10);

constexpr std::string_view kReading = "reading the first records to choose a profile";

std::string past_of(const SourceConfig& source) {
  const auto* log = std::get_if<LogOptions>(&source.options);
  if (log == nullptr || log->path == "-" || log->from == LogOptions::From::beginning) return {};
  const auto file = LogFile::open(log->path);
  return file ? file->last_lines(kPastBytes) : std::string();
}

Envelope envelope_of(const SourceConfig& source) {
  const auto* log = std::get_if<LogOptions>(&source.options);
  return log == nullptr ? Envelope::plain : log->envelope;
}

/// To put before a message.
std::string name_of(const BrokerConfig& broker) {
  return broker.name.empty() ? "" : "broker " + broker.name + ": ";
}

}  // namespace

Result<std::unique_ptr<Broker>> Broker::make(const BrokerConfig& config) {
  std::unique_ptr<Broker> broker(new Broker(config));
  auto opened = config.candidates.empty() ? broker->open_feeds() : broker->open_waiting();
  if (!opened) return tl::make_unexpected(opened.error());
  return broker;
}

Broker::Broker(const BrokerConfig& config) : config_(config) {}

Broker::~Broker() { stop(); }

/// The profile is known.
Result<void> Broker::open_feeds() {
  auto plans = plan_feeds(config_);
  if (!plans) return tl::make_unexpected(plans.error());
  for (PlannedFeed& plan : *plans) {
    descriptions_.push_back(describe(plan));
    auto opened = open_source(*plan.source);
    if (!opened) return tl::make_unexpected(opened.error());
    feeds_.push_back(make_feed(std::move(plan), std::move(opened->source)));
  }
  return {};
}

Result<void> Broker::open_waiting() {
  for (const SourceConfig& source : config_.sources) {
    auto opened = open_source(source);
    if (!opened) return tl::make_unexpected(opened.error());
    waiting_.push_back({std::make_unique<LookAhead>(std::move(opened->source)), opened->subscriber});
    descriptions_.push_back(describe(config_, source));
  }
  publish(0, "");
  return {};
}

void Broker::start() {
  for (const std::string& line : descriptions_) spdlog::info("{}", line);
  if (config_.candidates.empty()) {
    for (const auto& feed : feeds_) feed->start();
  } else {
    chooser_ = std::jthread([this](const std::stop_token& stop) { choose(stop); });
  }
}

void Broker::stop() {
  chooser_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    for (const Waiting& waiting : waiting_) waiting.source->interrupt();
  }
  if (chooser_.joinable()) chooser_.join();
  for (const auto& feed : feeds_) feed->stop();
}

std::vector<FeedSample> Broker::samples() const {
  const std::lock_guard lock(mutex_);
  if (feeds_.empty()) return samples_;
  std::vector<FeedSample> samples;
  for (const auto& feed : feeds_) samples.push_back(feed->sample());
  return samples;
}

void Broker::choose(const std::stop_token& stop) {
  ProfileChoice choice(config_.candidates);
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const SourceConfig& source = config_.sources[i];
    choice.add(source.name, source.kind(), envelope_of(source), *waiting_[i].source, past_of(source));
  }
  const std::uint64_t past = choice.records();
  std::optional<Clock::time_point> first;
  while (!stop.stop_requested()) {
    const auto looked = choice.look(Clock::now() + kTick);
    if (looked && *looked) return take(**looked);
    const std::uint64_t records = choice.records();
    if (records > 0 && !first) first = Clock::now();
    const bool late = records >= kPatienceRecords || (first && Clock::now() - *first >= kPatience);
    if (advice_.empty() && (late || choice.ended())) advise(choice);
    publish(records - past, looked ? "" : looked.error().what);
    if (looked && choice.ended()) return;
    if (!looked) pause(stop);
  }
}

/// Makes the feeds as if the profile had been named, with the sources as they stand.
void Broker::take(const ProfileChoice::Choice& choice) {
  if (config_.name.empty()) config_.name = choice.profile->name;
  for (std::size_t i = 0; i < config_.sources.size(); ++i) {
    SourceConfig& source = config_.sources[i];
    source.profile = choice.profile;
    if (!source.topics_of_profile) continue;
    std::get<MqttOptions>(source.options).topics = choice.profile->mqtt.topics;
    waiting_[i].subscriber->narrow(choice.profile->mqtt.topics);
  }
  spdlog::info("broker {}: profile {}, because {}", config_.name, choice.profile->name,
               printable(choice.reason));
  auto plans = plan_feeds(config_);
  if (!plans) return spdlog::error("broker {}: {}", config_.name, printable(plans.error().what));
  std::vector<std::unique_ptr<Feed>> feeds;
  for (PlannedFeed& plan : *plans) spdlog::info("{}", describe(plan));
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < plans->size(); ++i)
    feeds.push_back(make_feed(std::move((*plans)[i]), std::move(waiting_[i].source)));
  waiting_.clear();
  feeds_ = std::move(feeds);
  for (const auto& feed : feeds_) feed->start();
}

/// Once: what the operator can do where no profile fits.
void Broker::advise(const ProfileChoice& choice) {
  const std::string_view then = choice.ended() ? "Nothing more will come" : "Going on looking";
  advice_ =
      "no profile is clear from the records so far: name the kind of broker (--broker.profile, or profile in "
      "the configuration file)";
  spdlog::warn(
      "{}{}. {}. \"list brokers\" prints the kinds and the settings they need; \"replay --explain "
      "--broker.profile NAME FILE\" shows what a profile reads. {}",
      name_of(config_), advice_, printable(choice.standing(), 1024), then);
}

void Broker::publish(std::uint64_t records, const std::string& error) {
  if (error != logged_error_) {
    logged_error_ = error;
    if (!error.empty()) spdlog::warn("{}{}", name_of(config_), printable(error));
  }
  const bool more = std::exchange(records_, records) != records;
  std::vector<FeedSample> samples;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const SourceConfig& source = config_.sources[i];
    FeedSample& sample = samples.emplace_back();
    sample.broker = config_.name.empty() ? std::string(kAutoProfile) : config_.name;
    sample.source = source.name;
    sample.profile = kAutoProfile;
    sample.kind = to_string(source.kind());
    sample.status = waiting_[i].source->status();
    if (sample.status.up) sample.status.state = advice_.empty() ? std::string(kReading) : advice_;
    if (i < samples_.size()) sample.last_record_timestamp_seconds = samples_[i].last_record_timestamp_seconds;
    if (more) sample.last_record_timestamp_seconds = unix_seconds();
  }
  const std::lock_guard lock(mutex_);
  samples_ = std::move(samples);
}

void Broker::pause(const std::stop_token& stop) {
  std::unique_lock lock(pause_mutex_);
  pause_.wait_for(lock, stop, kTick, [] { return false; });
}

}  // namespace mre
