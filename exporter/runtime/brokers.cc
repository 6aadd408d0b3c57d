// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/brokers.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

namespace mre {

Result<std::unique_ptr<Brokers>> Brokers::make(const std::vector<BrokerConfig>& configs, StateStore state,
                                               EventHistories* histories) {
  std::unique_ptr<Brokers> brokers(new Brokers(std::move(state), histories));
  for (const BrokerConfig& config : configs) {
    auto broker = Broker::make(config, brokers->state_, histories);
    if (!broker) return tl::make_unexpected(broker.error());
    brokers->all_.push_back({config, std::move(*broker)});
  }
  return brokers;
}

void Brokers::start() {
  for (const One& one : all_) one.broker->start();
  write_due_checkpoints();  // so that the next start knows where this one began
}

void Brokers::stop() {
  // A source that could not have a descriptor to be woken by notices only once a second.
  for (const One& one : all_) one.broker->request_stop();
  for (const One& one : all_) one.broker->stop();
}

Deadline Brokers::write_due_checkpoints() {
  Deadline next = Deadline::max();
  for (const One& one : all_) next = std::min(next, one.broker->write_due_checkpoints());
  return next;
}

Result<void> Brokers::change_to(const std::vector<BrokerConfig>& configs) {
  // Everything that stops does so before anything starts: two brokers may swap what only one can have.
  Stopped stopped = stop_changed(configs);
  std::vector<One> changed;
  Result<void> done;
  for (const BrokerConfig& config : configs) {
    std::shared_ptr<Broker> broker = stopped.untouched[config.name];
    if (!broker) {
      auto made = Broker::make(config, state_, histories_, std::move(stopped.handed_over[config.name]));
      if (!made) {
        done = tl::make_unexpected(made.error());
        continue;
      }
      broker = std::move(*made);
      broker->start();
      broker->write_due_checkpoints();
    }
    changed.push_back({config, std::move(broker)});
  }
  const std::lock_guard lock(mutex_);
  all_.swap(changed);
  return done;
}

/// Stops the brokers that `configs` does not have, or has with another configuration.
Brokers::Stopped Brokers::stop_changed(const std::vector<BrokerConfig>& configs) {
  Stopped stopped;
  for (const One& one : all_) {
    const std::string& name = one.config.name;
    const auto next = std::ranges::find(configs, name, &BrokerConfig::name);
    if (next == configs.end()) {
      one.broker->stop();
      spdlog::info("broker {}: no longer in the configuration", name);
    } else if (*next == one.config) {
      stopped.untouched[name] = one.broker;
    } else {
      stopped.handed_over[name] = one.broker->hand_over(*next);
    }
  }
  return stopped;
}

std::vector<Brokers::One> Brokers::present() const {
  const std::lock_guard lock(mutex_);
  return all_;
}

namespace {

/// The samples that `of` returns for each broker, in one list.
std::vector<FeedSample> joined(const auto& brokers, auto&& of) {
  std::vector<FeedSample> all;
  for (const auto& one : brokers) {
    for (FeedSample& sample : of(*one.broker)) all.push_back(std::move(sample));
  }
  return all;
}

}  // namespace

std::vector<FeedSample> Brokers::samples() const {
  return joined(present(), [](const Broker& broker) { return broker.samples(); });
}

std::vector<FeedSample> Brokers::scrape() const {
  return joined(present(), [](Broker& broker) { return broker.scrape(); });
}

}  // namespace mre
