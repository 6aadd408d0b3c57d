// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "exporter/config/own_log_options.h"

namespace mre {

/// Makes spdlog's default logger, which all floors use, write whole lines to standard error, one at a time,
/// on the thread that logs, which never waits: a line that nobody reads is lost, and the next one says so.
void start_own_log(const OwnLogOptions& options);

/// One line of our log, line end included. Whatever the message holds, it stays one line and one value.
std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, std::string_view level,
                     std::string_view message);

}  // namespace mre
