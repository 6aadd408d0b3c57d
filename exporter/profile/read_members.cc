#include "exporter/profile/read_members.h"

#include <algorithm>

#include "exporter/base/text.h"

namespace mre {
namespace {

std::optional<Field> field_from(std::string_view text) {
  for (std::size_t i = 0; i < kFields; ++i) {
    if (static_cast<Field>(i) == Field::identity) continue;  // a key of its own: it has several members
    if (to_string(static_cast<Field>(i)) == text) return static_cast<Field>(i);
  }
  return {};
}

}  // namespace

std::vector<std::pair<Field, std::string>> read_members(const YamlNode& node, ProfileReader& read) {
  std::vector<std::pair<Field, std::string>> members;
  if (node.kind != YamlNode::Kind::map) read.refuse(node.at, "expected field: member lines here");
  for (const auto& member : node.members) {
    const auto field = field_from(member.key);
    if (!field)
      read.refuse(member.at, "unknown field \"" + printable(member.key) +
                                 "\"; known are client peer protocol code codes version why event message");
    members.emplace_back(field.value_or(Field::client), read.text(member.value));
    const std::string& name = members.back().second;
    const auto levels = std::ranges::count(name, '/');
    if (levels > 0 && (field != Field::codes || levels > 1 || name.starts_with('/') || name.ends_with('/')))
      read.refuse(member.value.at, "a path is for codes and has two levels: \"codes: list/member\"");
  }
  return members;
}

}  // namespace mre
