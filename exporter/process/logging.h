// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "exporter/config/logging_options.h"

namespace mre {

/// Makes spdlog's default logger write whole lines to standard error. A line is written on the thread that
/// logs it, which never waits: if nobody reads the output, lines are dropped, and the next line that fits
/// reports how many.
void start_logging(const LoggingOptions& options);

/// One line of the log, including the line end. Any message stays one line and one value.
std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, std::string_view level,
                     std::string_view message);

}  // namespace mre
