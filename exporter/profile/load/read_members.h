// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/match/members.h"

namespace mre {

/// A field by its name in a profile; nullopt if it is unknown, or one that has its own key.
std::optional<Field> field_from(std::string_view text);

/// Removes the members that are only for the subject, and returns them.
std::vector<Member> take_subject(std::vector<Member>& members);

/// Reads `field: member` lines: which member of a JSON object contains which field. Adds their names to `names`; `read`
/// stores errors.
std::vector<Member> read_members(const YamlNode& node, ProfileReader& read, MemberNames& names);

}  // namespace mre
