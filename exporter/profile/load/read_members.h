// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/match/pattern.h"

namespace mre {

/// Reads `field: member` lines: which member of a JSON object contains which field. `read` stores errors.
std::vector<std::pair<Field, std::string>> read_members(const YamlNode& node, ProfileReader& read);

}  // namespace mre
