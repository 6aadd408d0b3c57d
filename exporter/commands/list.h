// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/commands/lookup.h"

namespace mre {

/// The command `list`: "brokers", optionally followed by the name or file of one profile, "metrics" or "codes". `words`
/// is not empty. Errors: invalid_config for an unknown list or profile, or an invalid profile file.
Result<std::string> list(const std::vector<std::string>& words, ListFormat format);

}  // namespace mre
