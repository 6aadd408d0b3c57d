// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace mre {

/// The standard process metrics of Prometheus client libraries. A value that could not be read is absent, and
/// so is its series.
struct ProcessStats {
  std::optional<double> cpu_seconds;
  std::optional<double> resident_memory_bytes;
  std::optional<double> virtual_memory_bytes;
  std::optional<double> open_fds;
  std::optional<double> max_fds;  ///< Absent if unlimited.
  std::optional<double> start_time_seconds;
};

/// Reads the numbers of this process from the proc file system mounted at `proc`. Any thread.
ProcessStats read_process_stats(const std::string& proc = "/proc");

}  // namespace mre
