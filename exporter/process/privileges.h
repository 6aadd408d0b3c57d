// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "exporter/base/error.h"
#include "exporter/process/needs.h"
#include "exporter/process/user.h"

namespace mre {

/// The remaining privileges of the process. Because the exporter reads untrusted data, it drops all
/// privileges that it does not need when it starts, before the first thread, and cannot regain them:
///
/// - Started with CAP_SETUID (as root), it changes to another user.
/// - It keeps only CAP_NET_RAW, for a capture, and CAP_DAC_READ_SEARCH, if it had it and its user cannot read
///   one of the required files.
/// - It empties the bounding set and sets no_new_privs.
/// - Other processes of the same user cannot trace it or read its memory (PR_SET_DUMPABLE 0).
class Privileges {
 public:
  /// The user to change to; nothing: the process keeps its user. `text` is the configured USER[:GROUP];
  /// empty: nobody if possible. The groups are those of the user, and those by which required files are
  /// readable, so that no capability is needed; but never the group of root. Errors: invalid_config.
  static Result<std::optional<User>> choose_user(const std::string& text, const Needs& needs);

  /// Drops everything else. Call it while there is only one thread. Errors: io.
  static Result<Privileges> reduce(const std::optional<User>& user, const Needs& needs);

  /// For a command that only reads its arguments and writes to its standard streams: keeps the user and the
  /// right to read files, and drops the rest. Errors: io.
  static Result<void> reduce_to_reading();

  /// Whether the remaining privileges suffice for a new configuration. Errors: invalid_config, with the path
  /// and the remedy.
  Result<void> suffice_for(const Needs& needs) const;

  /// One line for display: the user, the capabilities, and the reason for each.
  const std::string& summary() const { return summary_; }

 private:
  bool may_capture_ = false;
  bool gave_up_reading_ = false;  ///< It dropped the right to read every file.
  std::string summary_;
};

}  // namespace mre
