// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/rule.h"

namespace mre {

/// Reads `field: pattern` lines; the pattern may be a list of patterns, also an empty one. `read` stores errors.
std::vector<FieldParts> read_parts(const YamlNode& node, ProfileReader& read);

}  // namespace mre
