// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "exporter/base/fnv1a.h"
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

/// A C++ string literal; a new one after each 100 bytes.
std::string literal(std::string_view bytes) {
  std::string text = "\"";
  char escape[8];
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 100 == 0) text += "\"\n    \"";
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool plain = byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\' && byte != '?';
    std::snprintf(escape, sizeof escape, plain ? "%c" : "\\%03o", byte);
    text += escape;
  }
  return text + "\"";
}

}  // namespace

int main(int argc, char** argv) {
  std::string rows;
  for (int i = 1; i < argc; ++i) {
    std::ifstream stream(argv[i], std::ios::binary);
    const std::string yaml{std::istreambuf_iterator<char>(stream), {}};
    auto tree = mre::parse_yaml(yaml, argv[i], mre::Aliases::repeated);
    if (!stream.is_open() || !tree) {
      std::fprintf(stderr, "%s\n", tree ? "cannot read the profile" : tree.error().what.c_str());
      return 1;
    }
    drop_all_examples(*tree);
    mre::ByteWriter out;
    mre::write_yaml(*tree, out);
    rows += "    {" + literal(std::filesystem::path(argv[i]).filename().string()) + ", " +
            std::to_string(mre::fnv1a(yaml)) + "U,\n    {" + literal(out.bytes()) + ", " +
            std::to_string(out.bytes().size()) + "}},\n";
  }
  const std::string text =
      "// Made by embed_profiles_main.cc from config/profiles.\n#include \"exporter/profile/profile.h\"\n\n"
      "std::span<const mre::EmbeddedProfile> mre::embedded_profiles() {\n"
      "  static constexpr EmbeddedProfile kProfiles[] = {\n" +
      rows + "  };\n  return kProfiles;\n}\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
