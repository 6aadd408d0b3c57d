#include "exporter/broker.h"

#include <spdlog/spdlog.h>

#include <algorithm>
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

Result<std::unique_ptr<Broker>> Broker::make(const BrokerConfig& config, const State& state) {
  std::unique_ptr<Broker> broker(new Broker(config, state));
  auto opened = broker->open();
  if (!opened) return tl::make_unexpected(opened.error());
  return broker;
}

Broker::Broker(const BrokerConfig& config, const State& state) : config_(config), state_(state) {}

Broker::~Broker() { stop(); }

Result<void> Broker::open() {
  std::vector<OpenSource> sources;
  for (const SourceConfig& source : config_.sources) {
    auto opened = open_source(config_, source, state_);
    if (!opened) return tl::make_unexpected(opened.error());
    sources.push_back(std::move(*opened));
  }
  if (const auto profile = chosen_before(sources)) {
    set_profile(profile);
    config_.candidates.clear();
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (config_.sources[i].topics_of_profile) sources[i].subscriber->narrow(profile->mqtt.topics);
    descriptions_.push_back("broker " + config_.name + ": profile " + profile->name +
                            ", as its records chose before");
  }
  if (config_.candidates.empty()) return open_feeds(std::move(sources));
  open_waiting(std::move(sources));
  return {};
}

/// The profile of the checkpoints, where it was left to the records. Null if there is none, or they disagree.
std::shared_ptr<const Profile> Broker::chosen_before(const std::vector<OpenSource>& sources) const {
  std::string name;
  for (const OpenSource& source : sources) {
    if (!source.keeper || source.keeper->found().profile.empty()) continue;
    const std::string& found = source.keeper->found().profile;
    if (!name.empty() && name != found) return nullptr;
    name = found;
  }
  const auto profile = std::ranges::find(config_.candidates, name, [](const auto& p) { return p->name; });
  return profile == config_.candidates.end() ? nullptr : *profile;
}

void Broker::set_profile(const std::shared_ptr<const Profile>& profile) {
  if (config_.name.empty()) config_.name = profile->name;
  for (SourceConfig& source : config_.sources) {
    source.profile = profile;
    if (source.topics_of_profile) std::get<MqttOptions>(source.options).topics = profile->mqtt.topics;
  }
}

/// The profile is known.
Result<void> Broker::open_feeds(std::vector<OpenSource> sources) {
  auto plans = plan_feeds(config_);
  if (!plans) return tl::make_unexpected(plans.error());
  for (std::size_t i = 0; i < plans->size(); ++i) {
    descriptions_.push_back(describe((*plans)[i]));
    feeds_.push_back(make_feed(std::move((*plans)[i]), std::move(sources[i]), state_));
  }
  return {};
}

void Broker::open_waiting(std::vector<OpenSource> sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    waiting_.push_back({std::make_unique<LookAhead>(std::move(sources[i].source)), sources[i].subscriber,
                        std::move(sources[i].keeper)});
    descriptions_.push_back(describe(config_, config_.sources[i]));
  }
  publish(0, "");
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

std::vector<FeedSample> Broker::scrape() {
  // The feeds are never taken back, so that they may be asked without the lock, which would hold up others.
  std::vector<Feed*> feeds;
  {
    const std::lock_guard lock(mutex_);
    if (feeds_.empty()) return samples_;
    for (const auto& feed : feeds_) feeds.push_back(feed.get());
  }
  std::vector<FeedSample> samples;
  for (Feed* feed : feeds) samples.push_back(feed->scrape());
  return samples;
}

void Broker::keep() {
  std::vector<Feed*> feeds;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& feed : feeds_) feeds.push_back(feed.get());
  }
  for (Feed* feed : feeds) feed->keep();
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
  set_profile(choice.profile);
  for (std::size_t i = 0; i < config_.sources.size(); ++i)
    if (config_.sources[i].topics_of_profile) waiting_[i].subscriber->narrow(choice.profile->mqtt.topics);
  spdlog::info("broker {}: profile {}, because {}", config_.name, choice.profile->name,
               printable(choice.reason));
  auto plans = plan_feeds(config_);
  if (!plans) return spdlog::error("broker {}: {}", config_.name, printable(plans.error().what));
  std::vector<std::unique_ptr<Feed>> feeds;
  for (PlannedFeed& plan : *plans) spdlog::info("{}", describe(plan));
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < plans->size(); ++i) {
    OpenSource source{std::move(waiting_[i].source), waiting_[i].subscriber, std::move(waiting_[i].keeper)};
    feeds.push_back(make_feed(std::move((*plans)[i]), std::move(source), state_));
  }
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
