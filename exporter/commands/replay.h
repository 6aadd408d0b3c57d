// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/cli/flags.h"

namespace mre {

/// Reads logs, recorded events or captured packets to their end, as one source of one broker. With the profile
/// `auto` the first records choose it. Prints to standard output the counts as --output says, or with --explain the records and the
/// events in them, or with --compare the difference between packets and a log. Prints to standard error the
/// profile, a summary, and the progress if that is a terminal. Errors: invalid_config or unavailable; the text names
/// the file or the flag.
Result<void> replay(Settings settings, const std::vector<std::string>& files);

}  // namespace mre
