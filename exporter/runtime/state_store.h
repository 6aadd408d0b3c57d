// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "exporter/base/error.h"
#include "exporter/checkpoint/state_directory.h"
#include "exporter/checkpoint/state_options.h"
#include "exporter/feed/checkpoint_store.h"
#include "exporter/process/user.h"

namespace mre {

/// What this process takes over from the one before it, and leaves to the next.
class StateStore {
 public:
  /// Everything in memory only.
  StateStore() = default;

  /// Opens and locks the folder. One that cannot be used is told once, in the exporter's own log, and then
  /// everything is in memory only. It is handed to `user`, if the process is to become one. Errors:
  /// invalid_config, if another exporter uses it, or if that user must not get it.
  static Result<StateStore> open(const StateOptions& options, const std::optional<User>& user = std::nullopt);

  /// The checkpoint of one source, opened; null if everything is in memory only. One for each source.
  std::shared_ptr<CheckpointStore> checkpoint_store(const std::string& broker,
                                                    const std::string& source) const;

  /// The descriptor of the directory; -1 if everything is in memory only.
  int directory_fd() const { return directory_ ? directory_->fd() : -1; }
  bool restores_counters() const { return counters_ == StateOptions::Counters::on; }

 private:
  std::shared_ptr<const StateDirectory> directory_;
  StateOptions::Counters counters_ = StateOptions::Counters::on;
};

}  // namespace mre
