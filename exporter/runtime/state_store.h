// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "exporter/base/error.h"
#include "exporter/checkpoint/state_directory.h"
#include "exporter/checkpoint/state_options.h"
#include "exporter/clients/identity.h"
#include "exporter/feed/checkpoint_store.h"
#include "exporter/process/user.h"

namespace mre {

/// The persistent state of the exporter: a directory with one checkpoint for each source.
class StateStore {
 public:
  /// Without persistence.
  StateStore() = default;

  /// Opens and locks the directory. If it cannot be used, logs a warning and continues without persistence. If the
  /// process is going to switch to `user`, the directory is given to that user. Errors: invalid_config if another
  /// exporter uses the directory, or if it must not be given to that user. `wake` wakes the thread that writes
  /// checkpoints (CheckpointStore::request).
  static Result<StateStore> open(
      const StateOptions& options, const std::optional<User>& user = std::nullopt,
      std::function<void()> wake = [] {});

  /// Opens the checkpoint of one source; null without persistence. Call once for each source.
  std::shared_ptr<CheckpointStore> checkpoint_store(const std::string& broker,
                                                    const std::string& source) const;

  /// The secret for hashed client ids: that of the directory, where it is created if it does not exist. Without a
  /// directory, or if the file cannot be used, a new one, so that hashes change with each start; the latter is logged.
  IdentityKey identity_key() const;

  /// The descriptor of the directory; -1 without persistence.
  int directory_fd() const { return directory_ ? directory_->fd() : -1; }
  bool restores_counters() const { return counters_ == StateOptions::Counters::on; }

 private:
  std::function<void()> wake_;
  std::shared_ptr<const StateDirectory> directory_;
  StateOptions::Counters counters_ = StateOptions::Counters::on;
};

}  // namespace mre
