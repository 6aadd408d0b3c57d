// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/cli/flags.h"

namespace mre {

/// Reads recorded logs, events or packets to their end, as one source of one broker. With the profile `auto`
/// the first records choose it; standard error says which. Prints to standard output the exposition, or with
/// --explain each record with the events read from it instead, or with --compare what the packets had beside
/// what that log told; to standard error a summary, and its progress while that is a terminal.
Result<void> replay(const Settings& settings, const std::vector<std::string>& files);

}  // namespace mre
