// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "exporter/metrics/exposition.h"
#include "exporter/process/privileges.h"
#include "exporter/runtime/brokers.h"

namespace mre {

/// Where the configuration comes from.
struct ConfigOrigin {
  std::string file;  ///< Empty: from flags alone; it cannot be reloaded.
  /// Reads the file and the flags again. Errors: as of `check config`.
  std::function<Result<Config>()> read;
};

/// Applies a new configuration while the exporter runs, as a whole or not at all.
///
/// If the file is invalid or cannot be applied, nothing changes; the log says why, and `status` shows it. Brokers can
/// be added, changed and removed, and `clients.remember` can change. `web`, `log`, `state`, `events` and the rest of
/// `clients` are read at the start only: a file in which they have changed is rejected.
///
/// One thread reloads; any thread may ask for the status.
class Reload {
 public:
  /// `config` is what runs. `brokers` must outlive it.
  Reload(Config config, ConfigOrigin origin, const Privileges& privileges, Brokers& brokers);

  /// Reads the configuration and applies it to the brokers. Logs the outcome, with `cause` as the prefix. Errors: why
  /// nothing was changed, or that there is no configuration file.
  Result<void> run(std::string_view cause);

  ConfigStatus status() const;

  /// What is in use. For the thread that reloads.
  const Config& config() const { return config_; }

 private:
  Result<Config> next() const;
  Result<void> apply();

  Config config_;
  const ConfigOrigin origin_;
  const Privileges privileges_;
  Brokers& brokers_;
  std::atomic<bool> successful_ = true;
  std::atomic<double> applied_at_;  // Unix time
};

}  // namespace mre
