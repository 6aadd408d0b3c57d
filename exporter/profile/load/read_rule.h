// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Reads one rule and appends it to a profile whose sources were read before. `read` stores errors.
void read_rule(const YamlNode& node, ProfileReader& read, Profile& profile);

}  // namespace mre
