// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "exporter/base/error.h"
#include "exporter/process/needs.h"
#include "exporter/process/user.h"

namespace mre {

/// What the exporter may still do. Whoever reads what strangers write must be able to do as little as
/// possible: at its start, before the first thread, the process gives up all that it does not need, for ever.
///
/// - Started with CAP_SETUID (as root), it becomes another user.
/// - It keeps no capability but CAP_NET_RAW, if it captures, and CAP_DAC_READ_SEARCH, if it had it and the
///   user that it is cannot read one of the files that it needs.
/// - The bounding set is empty and no_new_privs is set.
/// - Other processes of the same user can neither trace it nor read its memory (PR_SET_DUMPABLE 0).
class Privileges {
 public:
  /// Whom the process becomes. `text` is what the operator asks for, USER[:GROUP], or empty: nobody where
  /// that is possible. Nothing: it stays who it is. The groups are those of the user and, so that no
  /// capability is needed, those that own a needed file and may read it; never root's. Errors:
  /// invalid_config.
  static Result<std::optional<User>> choose_user(const std::string& text, const Needs& needs);

  /// Gives up everything else. Call it while there is one thread only. Errors: io.
  static Result<Privileges> reduce(const std::optional<User>& user, const Needs& needs);

  /// The same for a command that reads its arguments and writes to its standard streams: it stays the user
  /// that it is, and keeps no more than the right to read. Errors: io.
  static Result<void> reduce_to_reading();

  /// Whether a configuration that is to be applied while the exporter runs needs no more than was kept.
  /// Errors: invalid_config, with the path and what to do.
  Result<void> suffice_for(const Needs& needs) const;

  /// One line for people: who the process is, what it may do, and why.
  const std::string& summary() const { return summary_; }

 private:
  bool may_capture_ = false;
  bool gave_up_reading_ = false;  ///< It could read every file, and no longer can.
  std::string summary_;
};

}  // namespace mre
