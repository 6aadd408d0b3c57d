// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/read_members.h"

#include <algorithm>

#include "exporter/base/join.h"
#include "exporter/base/text.h"

namespace mre {
namespace {

/// The fields that one member can contain. Field::identity has several members and its own key.
std::vector<Field> member_fields() {
  std::vector<Field> fields;
  for (std::size_t i = 0; i < kFields; ++i) {
    if (static_cast<Field>(i) != Field::identity) fields.push_back(static_cast<Field>(i));
  }
  return fields;
}

std::string known_fields() {
  return join(member_fields(), " ", [](Field field) { return to_string(field); });
}

}  // namespace

std::optional<Field> field_from(std::string_view text) {
  for (const Field field : member_fields()) {
    if (to_string(field) == text) return field;
  }
  return {};
}

std::vector<Member> take_subject(std::vector<Member>& members) {
  const auto subject =
      std::ranges::stable_partition(members, [](const auto& one) { return !is_for_subject(one.field); });
  std::vector<Member> taken(subject.begin(), subject.end());
  members.erase(subject.begin(), subject.end());
  return taken;
}

std::vector<Member> read_members(const YamlNode& node, ProfileReader& read, MemberNames& names) {
  std::vector<Member> members;
  if (node.kind != YamlNode::Kind::map) read.refuse(node.at, "expected `field: member` lines here");
  for (const auto& member : node.members) {
    const auto field = field_from(member.key);
    if (!field)
      read.refuse(member.at,
                  "unknown field \"" + printable(member.key) + "\"; known fields: " + known_fields());
    std::string name = read.text(member.value);
    const auto levels = std::ranges::count(name, '/');
    if (levels > 0 && (field != Field::codes || levels > 1 || name.starts_with('/') || name.ends_with('/')))
      read.refuse(member.value.at, "only \"codes\" may have a path, with two levels: \"codes: list/member\"");
    const std::size_t slash = std::min(name.find('/'), name.size());
    std::string item = name.substr(std::min(slash + 1, name.size()));
    name.resize(slash);
    const std::uint32_t number = names.add(name);
    members.push_back({field.value_or(Field::client), std::move(name), std::move(item), number});
  }
  return members;
}

}  // namespace mre
