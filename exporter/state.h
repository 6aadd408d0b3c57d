#pragma once

#include <memory>
#include <string>

#include "exporter/base/error.h"
#include "exporter/checkpoint/state_directory.h"
#include "exporter/checkpoint/state_options.h"
#include "exporter/feed/state_keeper.h"

namespace mre {

/// What this process takes over from the one before it, and leaves to the next.
class State {
 public:
  /// Everything in memory only.
  State() = default;

  /// Opens and locks the folder. One that cannot be used is told once, in the exporter's own log, and then
  /// everything is in memory only. Errors: invalid_config, if another exporter uses it.
  static Result<State> open(const StateOptions& options);

  /// The checkpoint of one source, opened; null if everything is in memory only. One for each source.
  std::shared_ptr<StateKeeper> keeper(const std::string& broker, const std::string& source) const;

  bool keeps_counters() const { return counters_ == StateOptions::Counters::on; }

 private:
  std::shared_ptr<const StateDirectory> directory_;
  StateOptions::Counters counters_ = StateOptions::Counters::on;
};

}  // namespace mre
