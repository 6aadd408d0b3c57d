// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "exporter/base/yaml_tree.h"
#include "exporter/config/load.h"

// config/exporter.yaml promises to be complete and to show the defaults. It is held against the keys that the
// loader knows, in both directions.

namespace mre {
namespace {

constexpr const char* kReference = MRE_SOURCE_DIR "/config/exporter.yaml";

std::string read_reference() {
  std::ifstream stream(kReference, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The value as written in one line.
std::string text_of(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) return node.text;
  if (node.kind != YamlNode::Kind::list) return "";
  std::string text = "[";
  for (const YamlNode& item : node.items) text += (text.size() > 1 ? ", " : "") + item.text;
  return text + "]";
}

bool holds_maps(const YamlNode& node) {
  return node.kind == YamlNode::Kind::list && !node.items.empty() &&
         node.items[0].kind == YamlNode::Kind::map;
}

void flatten(const YamlNode& map, const std::string& prefix, std::map<std::string, std::string>& values) {
  for (const YamlNode::Member& member : map.members) {
    std::string path = prefix + member.key;
    if (holds_maps(member.value)) path += "[]";
    values[path] = text_of(holds_maps(member.value) ? YamlNode{} : member.value);
    if (holds_maps(member.value)) {
      for (const YamlNode& item : member.value.items) flatten(item, path + ".", values);
    } else {
      flatten(member.value, path + ".", values);
    }
  }
}

std::map<std::string, std::string> reference_values() {
  const auto root = parse_yaml(read_reference(), kReference);
  EXPECT_TRUE(root) << root.error().what;
  std::map<std::string, std::string> values;
  if (root) flatten(*root, "", values);
  return values;
}

TEST(ReferenceConfig, Loads) {
  const auto config = load_config_file(kReference);
  EXPECT_TRUE(config) << config.error().what;
}

TEST(ReferenceConfig, HasEveryKeyThatTheLoaderKnows) {
  std::set<std::string> known;
  for (const ConfigKey& key : config_keys()) known.insert(key.path);
  std::set<std::string> shown;
  for (const auto& [path, value] : reference_values()) shown.insert(path);
  EXPECT_EQ(shown, known);
}

TEST(ReferenceConfig, ShowsTheDefaultsOfTheCode) {
  auto values = reference_values();
  for (const ConfigKey& key : config_keys()) {
    if (key.required || key.path == "brokers[].profile") continue;  // it has an example, not a default
    EXPECT_EQ(values[key.path], key.default_text) << key.path;
  }
}

TEST(ReferenceConfig, ExplainsEveryKey) {
  std::ifstream stream(kReference);
  std::string above;
  std::set<std::string> explained;
  for (std::string line; std::getline(stream, line); above = line) {
    const auto begin = line.find_first_not_of(" -");
    if (begin == std::string::npos || line[begin] == '#') continue;
    const std::string key = line.substr(begin, line.find(':') - begin);
    const bool comment =
        above.find_first_not_of(' ') != std::string::npos && above[above.find_first_not_of(' ')] == '#';
    EXPECT_TRUE(comment || explained.contains(key)) << line;
    if (comment) explained.insert(key);
  }
}

}  // namespace
}  // namespace mre
