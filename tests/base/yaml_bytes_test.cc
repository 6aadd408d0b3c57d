// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/yaml_bytes.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

std::string bytes_of(const YamlNode& node) {
  ByteWriter out;
  write_yaml(node, out);
  return std::move(out).take();
}

TEST(YamlBytes, ADocumentIsReadBackWithItsPositions) {
  const auto tree =
      parse_yaml("a: [1, ~, {b: 'x y', c: \"\\0\\xE9\"}]\nlonger key:\n  - - deep\nnone:\n", "f.yaml");
  ASSERT_TRUE(tree) << tree.error().what;
  const std::string bytes = bytes_of(*tree);
  ByteReader in(bytes);
  const YamlNode again = read_yaml(in);
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(bytes_of(again), bytes);
  ASSERT_EQ(again.members.size(), 3U);
  EXPECT_EQ(again.members[1].key, "longer key");
  EXPECT_EQ(again.members[1].at.line, 2);
  EXPECT_EQ(again.members[1].value.items.at(0).items.at(0).text, "deep");
  EXPECT_EQ(again.members[1].value.items.at(0).items.at(0).at.column, 7);
  EXPECT_EQ(again.members[0].value.items.at(2).members.at(1).value.text, std::string("\0\xC3\xA9", 3));
  EXPECT_EQ(again.members[2].value.kind, YamlNode::Kind::null);
}

TEST(YamlBytes, CutBytesFail) {
  const auto tree = parse_yaml("a: [1, {b: c}]\n", "f.yaml");
  ASSERT_TRUE(tree);
  const std::string bytes = bytes_of(*tree);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(std::string_view(bytes).substr(0, size));
    read_yaml(in);
    EXPECT_TRUE(in.failed()) << size;
  }
}

}  // namespace
}  // namespace mre
