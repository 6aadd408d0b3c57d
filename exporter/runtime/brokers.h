// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "exporter/runtime/broker.h"

namespace mre {

/// The brokers of the configuration at work. What runs can be changed to what another configuration says:
/// brokers that are the same in both go on untouched.
///
/// One thread starts, stops, keeps and changes; any thread may ask for samples.
class Brokers {
 public:
  /// Opens the sources. Errors: a config that cannot be; then nothing was started.
  static Result<std::unique_ptr<Brokers>> make(const std::vector<BrokerConfig>& configs, StateStore state);

  void start();                  ///< Once. Logs what is read.
  void stop();                   ///< Ends all threads and waits for them.
  void write_due_checkpoints();  ///< Writes the checkpoints that are due.

  /// Ends what is no longer there and begins what is new. What is there in both and differs is ended in good
  /// order, with its checkpoint, and begun anew where it stood, so that it counts on: see Broker::hand_over.
  /// Meanwhile samples say what was before, afterwards what is now; no moment is without them.
  ///
  /// Errors: a config that cannot be, which `plan_feeds` would have told; all other brokers have changed.
  Result<void> change_to(const std::vector<BrokerConfig>& configs);

  std::vector<FeedSample> samples() const;  ///< As they are now.
  std::vector<FeedSample> scrape() const;   ///< As a scrape may show them (Feed::scrape).

 private:
  struct One {
    BrokerConfig config;
    std::shared_ptr<Broker> broker;  ///< Shared with who looks at it while it is replaced.
  };

  explicit Brokers(StateStore state) : state_(std::move(state)) {}

  std::vector<One> present() const;

  const StateStore state_;
  mutable std::mutex mutex_;  // guards the one below against those who look
  std::vector<One> all_;
};

}  // namespace mre
