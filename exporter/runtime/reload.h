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
  std::string file;  ///< Empty: from flags alone, and there is nothing to read again.
  /// Reads it again, flags included. Errors: what `check config` says.
  std::function<Result<Config>()> read;
};

/// Takes a configuration while the exporter runs, or leaves everything as it is.
///
/// Either what runs is what the file says, or nothing has changed, one line of the log says why, and
/// `status` says so. Brokers may come, change and go; `web`, `log` and `state` are for a start, and a file in
/// which they have changed is refused.
///
/// One thread reloads; any thread may ask for the status.
class Reload {
 public:
  /// `config` is what runs. `brokers` must outlive it.
  Reload(Config config, ConfigOrigin origin, const Privileges& privileges, Brokers& brokers);

  /// Reads the configuration and changes the brokers to it. Logs what came of it, after `cause`. Errors: why
  /// it did not change, or that there is no file to read.
  Result<void> run(std::string_view cause);

  ConfigStatus status() const;

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
