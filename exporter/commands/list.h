// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/commands/lookup.h"

namespace mre {

/// The command `list`: "brokers", which may be followed by one profile's name or file, "metrics" or "codes".
/// `words` is not empty.
Result<std::string> list(const std::vector<std::string>& words, ListFormat format);

}  // namespace mre
