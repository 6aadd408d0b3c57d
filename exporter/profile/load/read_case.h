// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/rule.h"

namespace mre {

/// One case of a rule: its conditions and what it tells. What is wrong is kept by `read`.
Case read_case(const YamlNode& node, ProfileReader& read);

}  // namespace mre
