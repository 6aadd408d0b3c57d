// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Appends one rule to a profile whose sources are read already. What is wrong is kept by `read`.
void read_rule(const YamlNode& node, ProfileReader& read, Profile& profile);

}  // namespace mre
