// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "exporter/base/rate_limit.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// Logs the state of one source, once for each change. One thread.
class SourceLog {
 public:
  /// Logs whether the source is up, and its state: `error` if it failed, else `sample.status.state`. The level is warn
  /// while the source cannot be read. A peer cannot fill the log with changes of the state: after 20 lines there is one
  /// every 10 s, with the number of changes that were left out. The last state is always logged if this is called
  /// again after that time.
  ///
  /// Also logs, once each, that the profile was not checked against the version of the broker, and that the profile no
  /// longer fits the records.
  void log_state(const FeedSample& sample, const std::string& error = {});

  /// Logs once what the records do not show and what the operator can set to see it; later, that they show more. Call
  /// it when no related records are pending.
  void log_visibility(const FeedSample& sample);

 private:
  void log_version(const FeedSample& sample);
  void log_fit(const FeedSample& sample);

  struct State {
    bool up = false;
    std::string text;
    bool operator==(const State&) const = default;
  };

  State seen_;
  State logged_;
  std::uint64_t changes_ = 0;  // since the last line about the state
  RateLimit limit_{20, std::chrono::seconds(10)};
  std::string version_;  // of the broker
  bool advised_ = false;
  bool fits_ = true;  // the profile, the latest records
  Visibility shown_;
};

/// The part of the coverage that the records so far show: "PUBACK sent, publish denials without a code".
std::string shown(const Coverage& coverage, const Visibility& visibility);

/// What the records of the source do not show, and what the operator can set to see it: one or two sentences. Empty if
/// nothing is hidden, or nothing is known yet.
std::string advice(const FeedSample& sample);

}  // namespace mre
