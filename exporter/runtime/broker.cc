// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/broker.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "exporter/input/record_input.h"

namespace mre {

Result<std::unique_ptr<Broker>> Broker::make(const BrokerConfig& config, const StateStore& state,
                                             EventHistories* histories, Handover handed_over) {
  std::unique_ptr<Broker> broker(new Broker(config, state, histories));
  auto opened = broker->open(std::move(handed_over));
  if (!opened) return tl::make_unexpected(opened.error());
  return broker;
}

Broker::Broker(const BrokerConfig& config, const StateStore& state, EventHistories* histories)
    : config_(config), state_(state), histories_(histories) {}

Broker::~Broker() { stop(); }

Result<void> Broker::open(Handover handed_over) {
  std::vector<ResumableSource> sources;
  for (const SourceConfig& source : config_.sources) {
    auto handed = handed_over.extract(source.name);
    auto opened = handed ? open_source(config_, source, state_, std::move(handed.mapped()))
                         : open_source(config_, source, state_);
    if (!opened) return tl::make_unexpected(opened.error());
    sources.push_back(std::move(*opened));
  }
  if (const auto profile = checkpointed_profile(sources)) {
    for (std::size_t i = 0; i < sources.size(); ++i) set_profile(profile, config_.sources[i], sources[i]);
    config_.candidates.clear();
    descriptions_.push_back("broker " + config_.name + ": profile " + profile->name +
                            ", which was detected before the restart");
  }
  if (!config_.candidates.empty()) set_waiting(sources);
  auto feeds = make_feeds(std::move(sources));
  if (!feeds) return tl::make_unexpected(feeds.error());
  shared_.feeds = std::move(*feeds);
  return {};
}

/// Null if none is kept, or while the broker has no name: then no feed counts.
std::shared_ptr<EventHistory> Broker::history() const {
  return histories_ == nullptr || config_.name.empty() ? nullptr : histories_->of(config_.name);
}

/// The profile that was detected before, from the checkpoints. Null if there is none, or if they disagree.
std::shared_ptr<const Profile> Broker::checkpointed_profile(
    const std::vector<ResumableSource>& sources) const {
  std::string name;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!config_.sources[i].needs_profile()) continue;
    const std::string& found = sources[i].resume.checkpoint.profile;
    if (found.empty()) continue;
    if (!name.empty() && name != found) return nullptr;
    name = found;
  }
  const auto profile = std::ranges::find(config_.candidates, name, [](const auto& p) { return p->name; });
  return profile == config_.candidates.end() ? nullptr : *profile;
}

void Broker::set_profile(const std::shared_ptr<const Profile>& profile, SourceConfig& config,
                         ResumableSource& open) {
  if (!config.needs_profile()) return;
  if (config_.name.empty()) config_.name = profile->name;
  config.profile = profile;
  if (!config.topics_of_profile) return;
  std::get<MqttOptions>(config.options).topics = profile->mqtt.topics;
  open.input->records()->narrow(profile->mqtt.topics);
}

/// The feeds of the given sources that have a profile or need none.
Result<std::vector<std::unique_ptr<Feed>>> Broker::make_feeds(std::vector<ResumableSource> sources) {
  auto plans = plan_feeds(config_, capture_);
  if (!plans) return tl::make_unexpected(plans.error());
  std::vector<std::unique_ptr<Feed>> feeds;
  for (PlannedFeed& plan : *plans) {
    ResumableSource& source = sources[static_cast<std::size_t>(plan.source - config_.sources.data())];
    if (!source.input) continue;
    descriptions_.push_back(describe(plan));
    plan.options.history = history();
    feeds.push_back(make_feed(std::move(plan), std::move(source), state_));
  }
  return feeds;
}

/// Moves the sources whose profile is not known to `waiting_`.
void Broker::set_waiting(std::vector<ResumableSource>& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!config_.sources[i].needs_profile()) continue;
    waiting_.push_back({i, std::move(sources[i])});
    descriptions_.push_back(describe(config_, config_.sources[i]));
  }
  publish(nullptr, 0, "");
}

void Broker::start() {
  log_descriptions();
  for (const SourceConfig& source : config_.sources) {
    if (const std::string warning = warning_of(config_, source); !warning.empty())
      spdlog::warn("{}", warning);
  }
  for (const auto& feed : shared_.feeds) feed->start();
  if (!waiting_.empty())
    detector_ = std::jthread([this](const std::stop_token& stop) { detect_profile(stop); });
}

void Broker::log_descriptions() {
  for (const std::string& line : std::exchange(descriptions_, {})) spdlog::info("{}", line);
}

void Broker::request_stop() {
  detector_.request_stop();
  const std::lock_guard lock(shared_.mutex);
  for (const Waiting& waiting : waiting_) waiting.open.input->interrupt();
  for (const auto& feed : shared_.feeds) feed->request_stop();
}

void Broker::stop() {
  stop_detection();
  for (const auto& feed : shared_.feeds) feed->stop();
}

void Broker::stop_detection() {
  detector_.request_stop();
  {
    const std::lock_guard lock(shared_.mutex);
    for (const Waiting& waiting : waiting_) waiting.open.input->interrupt();
  }
  if (detector_.joinable()) detector_.join();
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

Deadline Broker::write_due_checkpoints() {
  Deadline next = Deadline::max();
  for (Feed* feed : present().feeds) next = std::min(next, feed->write_due_checkpoint());
  return next;
}

/// Feeds are never removed, so their values can be read without the lock.
Broker::Present Broker::present() const {
  const std::lock_guard lock(shared_.mutex);
  Present present{{}, shared_.samples};
  for (const auto& feed : shared_.feeds) present.feeds.push_back(feed.get());
  return present;
}

}  // namespace mre
