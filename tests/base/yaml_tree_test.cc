// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/yaml_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

namespace mre {
namespace {

TEST(YamlTree, RepeatsAValueByItsAnchor) {
  const auto tree = parse_yaml("a: &words [x, y]\nb: *words\nc: &c {d: 1}\ne: [*c, *c]\nf: &w w\ng: *w\n",
                               "f.yaml", Aliases::repeated);
  ASSERT_TRUE(tree.has_value()) << tree.error().what;
  const auto& b = tree->members[1].value;
  ASSERT_EQ(b.items.size(), 2U);
  EXPECT_EQ(b.items[1].text, "y");
  EXPECT_EQ(b.at.line, 1) << "an error is reported at the original";
  ASSERT_EQ(tree->members[3].value.items.size(), 2U);
  EXPECT_EQ(tree->members[3].value.items[1].members[0].value.text, "1");
  EXPECT_EQ(tree->members[5].value.text, "w");
}

TEST(YamlTree, RejectsAliasesThatExpandTooMuch) {
  std::string bomb = "a0: &a0 [0123456789, 0123456789, 0123456789, 0123456789]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before + ", " +
            before + ", " + before + "]\n";
  }
  std::string deep = "a0: &a0 [x]\n";
  for (int i = 1; i < 40; ++i)
    deep += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  const struct {
    const char* why;
    std::string yaml;
    Aliases aliases;
    std::string error;
  } cases[] = {
      {"not allowed in a configuration", "a: &x 1\nb: *x\n", Aliases::refused,
       "f.yaml:2:4: aliases are not supported: write the value out"},
      {"a few lines that expand to gigabytes", bomb, Aliases::repeated, "aliases repeat more than 1 MiB"},
      {"a few lines that expand to a deep tree", deep, Aliases::repeated,
       "nested too deeply: at most 32 levels are allowed"},
      {"a list that contains itself", "a: &a [1, *a]\n", Aliases::repeated,
       "f.yaml:1:11: a value cannot contain itself"},
      {"an unknown anchor", "a: *x\n", Aliases::repeated, "f.yaml:1:4: not valid YAML"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto tree = parse_yaml(c.yaml, "f.yaml", c.aliases);
    ASSERT_FALSE(tree.has_value());
    EXPECT_NE(tree.error().what.find(c.error), std::string::npos) << tree.error().what;
  }
}

/// The CPU time to parse a map with so many keys: the least of three.
double seconds_for_keys(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "key" + std::to_string(i) + ": 1\n";
  double least = 1e9;
  for (int round = 0; round < 3; ++round) {
    const std::clock_t begin = std::clock();
    EXPECT_TRUE(parse_yaml(text, "f.yaml"));
    least = std::min(least, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return least;
}

TEST(YamlTree, LooksForDuplicateKeysInProportionToTheirNumber) {
  EXPECT_LT(seconds_for_keys(32'000), 8 * seconds_for_keys(8'000))
      << "16 times: each key is compared with all";
}

}  // namespace
}  // namespace mre
