// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/yaml_bytes.h"

#include <algorithm>

namespace mre {
namespace {

void write_position(Position at, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(at.line));
  out.number(static_cast<std::uint64_t>(at.column));
}

Position read_position(ByteReader& in) {
  const auto line = static_cast<int>(in.number_up_to(INT32_MAX));
  return {line, static_cast<int>(in.number_up_to(INT32_MAX))};
}

}  // namespace

void write_yaml(const YamlNode& node, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(node.kind));
  write_position(node.at, out);
  switch (node.kind) {
    case YamlNode::Kind::null:
      break;
    case YamlNode::Kind::scalar:
      out.text(node.text);
      break;
    case YamlNode::Kind::list:
      out.number(node.items.size());
      for (const YamlNode& item : node.items) write_yaml(item, out);
      break;
    case YamlNode::Kind::map:
      out.number(node.members.size());
      for (const YamlNode::Member& member : node.members) {
        out.text(member.key);
        write_position(member.at, out);
        write_yaml(member.value, out);
      }
      break;
  }
}

YamlNode read_yaml(ByteReader& in) {
  YamlNode node;
  node.kind = static_cast<YamlNode::Kind>(in.number_up_to(static_cast<std::uint64_t>(YamlNode::Kind::map)));
  node.at = read_position(in);
  switch (node.kind) {
    case YamlNode::Kind::null:
      break;
    case YamlNode::Kind::scalar:
      node.text = in.text();
      break;
    case YamlNode::Kind::list:
      for (std::uint64_t left = in.number(); left > 0 && !in.failed(); --left) {
        node.items.push_back(read_yaml(in));
      }
      break;
    case YamlNode::Kind::map:
      for (std::uint64_t left = in.number(); left > 0 && !in.failed(); --left) {
        YamlNode::Member& member = node.members.emplace_back();
        member.key = in.text();
        member.at = read_position(in);
        member.value = read_yaml(in);
      }
      break;
  }
  return node;
}

}  // namespace mre
