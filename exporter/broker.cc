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

Result<std::unique_ptr<Broker>> Broker::make(const BrokerConfig& config, const State& state,
                                             Handover handed_over) {
  std::unique_ptr<Broker> broker(new Broker(config, state));
  auto opened = broker->open(std::move(handed_over));
  if (!opened) return tl::make_unexpected(opened.error());
  return broker;
}

Broker::Broker(const BrokerConfig& config, const State& state) : config_(config), state_(state) {}

Broker::~Broker() { stop(); }

Result<void> Broker::open(Handover handed_over) {
  std::vector<OpenSource> sources;
  for (const SourceConfig& source : config_.sources) {
    auto handed = handed_over.extract(source.name);
    auto opened = handed ? open_source(config_, source, state_, std::move(handed.mapped()))
                         : open_source(config_, source, state_);
    if (!opened) return tl::make_unexpected(opened.error());
    subscribers_.push_back(opened->subscriber);
    sources.push_back(std::move(*opened));
  }
  if (const auto profile = chosen_before(sources)) {
    for (std::size_t i = 0; i < sources.size(); ++i) set_profile(profile, config_.sources[i], sources[i]);
    config_.candidates.clear();
    descriptions_.push_back("broker " + config_.name + ": profile " + profile->name +
                            ", as its records chose before");
  }
  if (!config_.candidates.empty()) wait_with(sources);
  auto feeds = make_feeds(std::move(sources));
  if (!feeds) return tl::make_unexpected(feeds.error());
  feeds_ = std::move(*feeds);
  return {};
}

/// The profile of the checkpoints, where it was left to the records. Null if there is none, or they disagree.
std::shared_ptr<const Profile> Broker::chosen_before(const std::vector<OpenSource>& sources) const {
  std::string name;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!config_.sources[i].needs_profile()) continue;
    const std::string& found = sources[i].found.profile;
    if (found.empty()) continue;
    if (!name.empty() && name != found) return nullptr;
    name = found;
  }
  const auto profile = std::ranges::find(config_.candidates, name, [](const auto& p) { return p->name; });
  return profile == config_.candidates.end() ? nullptr : *profile;
}

void Broker::set_profile(const std::shared_ptr<const Profile>& profile, SourceConfig& config,
                         OpenSource& open) {
  if (!config.needs_profile()) return;
  if (config_.name.empty()) config_.name = profile->name;
  config.profile = profile;
  if (!config.topics_of_profile) return;
  std::get<MqttOptions>(config.options).topics = profile->mqtt.topics;
  open.subscriber->narrow(profile->mqtt.topics);
}

/// The feeds of those sources that are given here and know their profile, or need none.
Result<std::vector<std::unique_ptr<Feed>>> Broker::make_feeds(std::vector<OpenSource> sources) {
  auto plans = plan_feeds(config_, capture_);
  if (!plans) return tl::make_unexpected(plans.error());
  std::vector<std::unique_ptr<Feed>> feeds;
  for (PlannedFeed& plan : *plans) {
    OpenSource& source = sources[static_cast<std::size_t>(plan.source - config_.sources.data())];
    if (!source.source) continue;
    descriptions_.push_back(describe(plan));
    feeds.push_back(make_feed(std::move(plan), std::move(source), state_));
  }
  return feeds;
}

/// Takes those whose profile is still to be chosen.
void Broker::wait_with(std::vector<OpenSource>& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!config_.sources[i].needs_profile()) continue;
    auto ahead = std::make_unique<LookAhead>(std::move(sources[i].source));
    LookAhead* const seen = ahead.get();
    waiting_.push_back({i, seen, std::move(sources[i])});
    waiting_.back().open.source = std::move(ahead);
    descriptions_.push_back(describe(config_, config_.sources[i]));
  }
  publish(0, "");
}

void Broker::start() {
  log_descriptions();
  for (const auto& feed : feeds_) feed->start();
  if (!waiting_.empty()) chooser_ = std::jthread([this](const std::stop_token& stop) { choose(stop); });
}

void Broker::log_descriptions() {
  for (const std::string& line : std::exchange(descriptions_, {})) spdlog::info("{}", line);
}

void Broker::stop() {
  end_choice();
  for (const auto& feed : feeds_) feed->stop();
}

void Broker::end_choice() {
  chooser_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    for (const Waiting& waiting : waiting_) waiting.source->interrupt();
  }
  if (chooser_.joinable()) chooser_.join();
}

std::vector<FeedSample> Broker::samples() const {
  auto [feeds, samples] = present();
  for (const Feed* feed : feeds) samples.push_back(feed->sample());
  return samples;
}

std::vector<FeedSample> Broker::scrape() {
  auto [feeds, samples] = present();
  for (Feed* feed : feeds) samples.push_back(feed->scrape());
  return samples;
}

void Broker::keep() {
  for (Feed* feed : present().feeds) feed->keep();
}

/// The feeds are never taken back, so that they may be asked without the lock, which would hold up others.
Broker::Present Broker::present() const {
  const std::lock_guard lock(mutex_);
  Present present{{}, samples_};
  for (const auto& feed : feeds_) present.feeds.push_back(feed.get());
  return present;
}

void Broker::choose(const std::stop_token& stop) {
  ProfileChoice choice(config_.candidates);
  for (const Waiting& waiting : waiting_) {
    const SourceConfig& source = config_.sources[waiting.index];
    choice.add(source.name, source.kind(), envelope_of(source), *waiting.source, past_of(source));
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
  for (Waiting& waiting : waiting_) set_profile(choice.profile, config_.sources[waiting.index], waiting.open);
  spdlog::info("broker {}: profile {}, because {}", config_.name, choice.profile->name,
               printable(choice.reason));
  const std::lock_guard lock(mutex_);
  std::vector<OpenSource> sources(config_.sources.size());
  for (Waiting& waiting : waiting_) sources[waiting.index] = std::move(waiting.open);
  waiting_.clear();
  auto feeds = make_feeds(std::move(sources));
  if (!feeds) return spdlog::error("broker {}: {}", config_.name, printable(feeds.error().what));
  log_descriptions();
  samples_.clear();
  for (auto& feed : *feeds) {
    feed->start();
    feeds_.push_back(std::move(feed));
  }
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
    const SourceConfig& source = config_.sources[waiting_[i].index];
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
