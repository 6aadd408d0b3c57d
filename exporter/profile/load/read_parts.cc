// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/read_parts.h"

#include "exporter/profile/load/read_members.h"
#include "exporter/profile/load/read_patterns.h"

namespace mre {

std::vector<FieldParts> read_parts(const YamlNode& node, ProfileReader& read) {
  std::vector<FieldParts> all;
  for (const auto& member : read.members(node)) {
    const auto field = field_from(member.key);
    if (!field || !(is_for_subject(*field) || field == Field::client || field == Field::peer ||
                    field == Field::filter)) {
      read.refuse(
          member.at,
          "unknown field: only client, peer, filter, user, topic, reason_string, who and address have "
          "\"parts\"");
      return all;
    }
    FieldParts& parts = all.emplace_back();
    parts.field = *field;
    if (member.value.kind == YamlNode::Kind::list && member.value.items.empty()) continue;
    for (const auto* one : read.one_or_more(member.value))
      parts.patterns.push_back(read_patterns(*one, read.text(*one), read));
  }
  return all;
}

}  // namespace mre
