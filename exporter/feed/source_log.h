#pragma once

#include <string>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// Writes into the log what becomes of one source, once for each change. One thread.
class SourceLog {
 public:
  /// Whether it is up and what its state says: a warning while it cannot be read; and once a version of the
  /// broker that its profile was not checked against. `sample.status` has a state
  /// of its own unless `error` says why the source failed.
  void log_state(const FeedSample& sample, const std::string& error = {});

  /// What its records do not show, and what the operator can set; once in its life. Afterwards, that they
  /// show more. To be called once the records that belong together have come.
  void log_visibility(const FeedSample& sample);

 private:
  void log_version(const FeedSample& sample);

  bool up_ = false;
  std::string version_;  // of the broker
  std::string state_;
  bool advised_ = false;
  Visibility shown_;
};

/// "PUBACK sent, publish denials without a code": what of the coverage the records so far show.
std::string shown(const Coverage& coverage, const Visibility& visibility);

/// What the records of the source do not show, and what the operator sets to see it: one or two sentences.
/// Empty while nothing is known, or nothing is hidden.
std::string advice(const FeedSample& sample);

}  // namespace mre
