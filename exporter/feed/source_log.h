// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "exporter/base/rate_limit.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// Writes into the log what becomes of one source, once for each change. One thread.
class SourceLog {
 public:
  /// Whether it is up and what its state says: a warning while it cannot be read. `sample.status` has a state
  /// of its own unless `error` says why the source failed. A peer that makes the state change all the time
  /// does not fill the log: after 20 lines it is one each 10 s, with the number of changes since the last.
  /// The last state is always logged, if this is called again after that time.
  ///
  /// Besides, once each: a version of the broker that its profile was not checked against, and that the
  /// profile has stopped to fit the records.
  void log_state(const FeedSample& sample, const std::string& error = {});

  /// What its records do not show, and what the operator can set; once in its life. Afterwards, that they
  /// show more. To be called once the records that belong together have come.
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

/// "PUBACK sent, publish denials without a code": what of the coverage the records so far show.
std::string shown(const Coverage& coverage, const Visibility& visibility);

/// What the records of the source do not show, and what the operator sets to see it: one or two sentences.
/// Empty while nothing is known, or nothing is hidden.
std::string advice(const FeedSample& sample);

}  // namespace mre
