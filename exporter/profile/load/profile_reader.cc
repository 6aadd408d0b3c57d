// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/profile_reader.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <ranges>

#include "exporter/base/nearest.h"
#include "exporter/base/text.h"

namespace mre {

void ProfileReader::refuse(Position at, std::string_view what) {
  if (!error_) error_ = Error{Errc::invalid_config, located(file_, at, what)};
}

bool ProfileReader::map(const YamlNode& node, std::span<const std::string_view> known) {
  for (const auto& member : members(node)) {
    if (std::ranges::find(known, member.key) == known.end())
      refuse(member.at, "unknown key \"" + printable(member.key) + "\": " + suggestion(member.key, known));
  }
  return node.kind == YamlNode::Kind::map;
}

const std::vector<YamlNode::Member>& ProfileReader::members(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::map) refuse(node.at, "expected `key: value` lines here");
  return node.members;
}

void ProfileReader::refuse_word(const YamlNode& node, std::string_view known) {
  const std::string word = "\"" + printable(node.text) + "\"";
  if (known.starts_with("a ")) return refuse(node.at, word + " is not valid: expected " + std::string(known));
  std::vector<std::string_view> words;
  for (const auto one : std::views::split(known, ' ')) words.emplace_back(one.begin(), one.end());
  refuse(node.at, "unknown word " + word + ": " + suggestion(node.text, words));
}

const YamlNode* ProfileReader::find(const YamlNode& map, std::string_view key) const {
  for (const auto& member : map.members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const YamlNode& ProfileReader::need(const YamlNode& map, std::string_view key) {
  static const YamlNode kNothing;
  const YamlNode* node = find(map, key);
  if (node == nullptr) refuse(map.at, "the key \"" + std::string(key) + "\" is missing");
  return node == nullptr ? kNothing : *node;
}

std::string ProfileReader::text(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar) refuse(node.at, "expected a text here");
  return node.text;
}

bool ProfileReader::flag(const YamlNode* node) {
  if (node == nullptr) return false;
  const std::string value = text(*node);
  if (value != "true" && value != "false") refuse(node->at, "expected true or false");
  return value == "true";
}

unsigned ProfileReader::number(std::string_view text, Position at, unsigned max) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char* const end = text.data() + text.size();
  unsigned result = 0;
  const auto [stop, status] = std::from_chars(text.data() + (hex ? 2 : 0), end, result, hex ? 16 : 10);
  if (status != std::errc{} || stop != end || result > max) {
    refuse(at, "expected a whole number from 0 to " + std::to_string(max) + ", decimal or 0x hexadecimal");
    return 0;
  }
  return result;
}

const std::vector<YamlNode>& ProfileReader::list(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::list) refuse(node.at, "expected a list here: \"- …\" lines, or [ … ]");
  return node.items;
}

std::vector<const YamlNode*> ProfileReader::one_or_more(const YamlNode& node) {
  std::vector<const YamlNode*> nodes;
  if (node.kind == YamlNode::Kind::list) {
    for (const auto& item : node.items) std::ranges::copy(one_or_more(item), std::back_inserter(nodes));
  } else {
    nodes.push_back(&node);
  }
  if (nodes.empty()) refuse(node.at, "the list is empty");
  return nodes;
}

std::vector<std::string> ProfileReader::texts(const YamlNode& node) {
  std::vector<std::string> values;
  for (const auto* one : one_or_more(node)) values.push_back(text(*one));
  return values;
}

}  // namespace mre
