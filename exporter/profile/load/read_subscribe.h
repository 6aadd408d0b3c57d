// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/rule.h"

namespace mre {

/// Reads the keys of a rule that concern the answer to a SUBSCRIBE or UNSUBSCRIBE, after its patterns and
/// cases. See SubackAssembler.
void read_subscribe(const YamlNode& node, ProfileReader& read, Rule& rule);

}  // namespace mre
