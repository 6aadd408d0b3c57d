// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/runtime/broker.h"
#include "exporter/runtime/event_histories.h"

namespace mre {

/// The running brokers of the configuration. They can change to another configuration; brokers that are the same in
/// both continue untouched.
///
/// One thread calls `start`, `stop`, `write_due_checkpoints` and `change_to`; any thread may ask for samples.
class Brokers {
 public:
  /// Opens the sources. `histories` must outlive the brokers; null: who is behind events is not kept. Errors:
  /// invalid_config; then nothing was started.
  static Result<std::unique_ptr<Brokers>> make(const std::vector<BrokerConfig>& configs, StateStore state,
                                               EventHistories* histories = nullptr);

  void start();  ///< Once. Logs what is read.
  void stop();   ///< Stops all threads and joins them.
  /// Writes the checkpoints that are due, and returns when to call it again (Feed::write_due_checkpoint).
  Deadline write_due_checkpoints();

  /// Stops the brokers that are no longer configured and starts the new ones. A broker that changed is stopped
  /// cleanly and restarted from its checkpoint, so that its counters continue (Broker::hand_over). Until the change
  /// is complete, samples show the old brokers; there is always one of the two sets.
  ///
  /// Errors: invalid_config, which `plan_feeds` finds beforehand; all other brokers have changed then.
  Result<void> change_to(const std::vector<BrokerConfig>& configs);

  std::vector<FeedSample> samples() const;  ///< The current values.
  std::vector<FeedSample> scrape() const;   ///< The values that a scrape may show (Feed::scrape).

 private:
  struct One {
    BrokerConfig config;
    std::shared_ptr<Broker> broker;  ///< Shared with readers while it is replaced.
  };

  /// The brokers after those that change were stopped, by name.
  struct Stopped {
    std::map<std::string, Broker::Handover> handed_over;
    std::map<std::string, std::shared_ptr<Broker>> untouched;
  };

  Brokers(StateStore state, EventHistories* histories) : state_(std::move(state)), histories_(histories) {}

  std::vector<One> present() const;
  Stopped stop_changed(const std::vector<BrokerConfig>& configs);

  const StateStore state_;
  EventHistories* const histories_;
  mutable std::mutex mutex_;  // guards the one below
  std::vector<One> all_;
};

}  // namespace mre
