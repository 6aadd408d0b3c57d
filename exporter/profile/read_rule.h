#pragma once

#include "exporter/profile/profile.h"
#include "exporter/profile/profile_reader.h"

namespace mre {

/// Appends one rule to a profile whose sources are read already. What is wrong is kept by `read`.
void read_rule(const YamlNode& node, ProfileReader& read, Profile& profile);

}  // namespace mre
