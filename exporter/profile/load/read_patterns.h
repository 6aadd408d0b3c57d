// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/match/pattern.h"

namespace mre {

/// One pattern for each expansion of the optional and alternative words of `source`, which is (a part of) the
/// text of `node`. Empty after an error; `read` stores errors.
std::vector<Pattern> read_patterns(const YamlNode& node, std::string_view source, ProfileReader& read);

}  // namespace mre
