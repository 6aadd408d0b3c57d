// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "exporter/base/fnv1a.h"
#include "exporter/base/generated_source.h"
#include "exporter/base/yaml_bytes.h"

// embed_profiles FILE...: writes the C++ source of embedded_profiles() to standard output, the profiles in
// the order given. Only the build runs it. Examples stay outside: the tests run them from the files.
namespace {

using mre::YamlNode;

void drop_examples(YamlNode& map) {
  std::erase_if(map.members, [](const YamlNode::Member& member) {
    return member.key == "examples" || member.key == "counterexamples";
  });
}

/// Of each prefix and each rule.
void drop_all_examples(YamlNode& profile) {
  for (YamlNode::Member& member : profile.members) {
    if (member.key != "prefix" && member.key != "rules") continue;
    drop_examples(member.value);
    for (YamlNode& item : member.value.items) drop_examples(item);
  }
}

}  // namespace

int main(int argc, char** argv) {
  using mre::generated::literal;
  std::string rows;
  for (int i = 1; i < argc; ++i) {
    const auto yaml = mre::generated::read_input(argv[i]);
    if (!yaml) return 1;
    auto tree = mre::parse_yaml(*yaml, argv[i], mre::Aliases::repeated);
    if (!tree) {
      std::fprintf(stderr, "%s\n", tree.error().what.c_str());
      return 1;
    }
    drop_all_examples(*tree);
    mre::ByteWriter out;
    mre::write_yaml(*tree, out);
    rows += "    {" + literal(std::filesystem::path(argv[i]).filename().string()) + ", " +
            std::to_string(mre::fnv1a(*yaml)) + "U,\n    " + literal(out.bytes()) + "sv},\n";
  }
  return mre::generated::print({"config/profiles", "exporter/profile/profile.h", "EmbeddedProfile",
                                "embedded_profiles", std::move(rows)});
}
