// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/match/pattern.h"

namespace mre {

/// `field: member` lines: which member of a JSON object holds which field. What is wrong is kept by `read`.
std::vector<std::pair<Field, std::string>> read_members(const YamlNode& node, ProfileReader& read);

}  // namespace mre
