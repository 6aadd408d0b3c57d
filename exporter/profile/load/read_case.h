// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/rule.h"

namespace mre {

/// Reads one case of a rule: its conditions and what it emits. `read` stores errors.
Case read_case(const YamlNode& node, ProfileReader& read);

}  // namespace mre
