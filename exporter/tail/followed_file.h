// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/deadline.h"
#include "exporter/tail/log_file.h"

namespace mre {

using SteadyClock = Deadline (*)();

/// A file that is followed, and what the scans have found out about it.
struct FollowedFile {
  LogFile file;
  std::string name;         ///< The followed path that led to it first, or of whose log it is a part.
  std::string path;         ///< Its last known path.
  std::string real_path;    ///< That path without symbolic links.
  Deadline last_growth{};   ///< When its last byte was seen.
  Deadline first_growth{};  ///< When its first byte was seen; Deadline::max() if it never had one.
  std::optional<std::int64_t> empty_since_ns{};  ///< If it was empty at the last scan: its modification time.
  bool has_name = false;                         ///< A followed path leads to it.
  bool is_new = false;                           ///< Opened by this scan.
  bool may_have_siblings =
      false;                ///< Found by this scan: it was replaced or filled, possibly more than once.
  bool is_blocked = false;  ///< Cannot be read until the next scan.
  bool is_deleted = false;  ///< It was closed, and no longer exists.

  bool never_grew() const { return first_growth == Deadline::max(); }
  /// The file has a new content now, or was opened now.
  void start_content(Deadline now);
};

using FollowedFileList = std::vector<std::unique_ptr<FollowedFile>>;

/// `real_path` is that of the log; it differs from the path of a rotated file.
std::unique_ptr<FollowedFile> follow(LogFile file, const std::string& name, const std::string& path,
                                     const std::string& real_path, Deadline now);

/// Logs at debug level what was decided about a file of the log `log`.
void log_decision(std::string_view log, std::string_view decision, const LogFile& file,
                  const std::string& path);

}  // namespace mre
