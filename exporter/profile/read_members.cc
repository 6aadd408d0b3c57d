#include "exporter/profile/read_members.h"

#include "exporter/base/text.h"

namespace mre {
namespace {

std::optional<Field> field_from(std::string_view text) {
  for (std::size_t i = 0; i < kFields; ++i) {
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
  }
  return members;
}

}  // namespace mre
