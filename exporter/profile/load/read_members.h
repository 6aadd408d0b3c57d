// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/match/pattern.h"

namespace mre {

/// A field by its name in a profile; nullopt if it is unknown, or one that has its own key.
std::optional<Field> field_from(std::string_view text);

/// Removes the members that are only for the subject, and returns them.
std::vector<std::pair<Field, std::string>> take_subject(std::vector<std::pair<Field, std::string>>& members);

/// Reads `field: member` lines: which member of a JSON object contains which field. `read` stores errors.
std::vector<std::pair<Field, std::string>> read_members(const YamlNode& node, ProfileReader& read);

}  // namespace mre
