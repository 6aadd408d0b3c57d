// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/ignored_prefixes.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace mre {
namespace {

TEST(IgnoredPrefixes, DecideOnlyWhereNoOtherPatternCould) {
  using Row = IgnoredPrefixes::Row;
  const struct {
    const char* why;
    std::vector<Row> rows;
    std::string_view message;
    int level;
  } cases[] = {
      {"the prefix of an ignored row", {{"Sending PUBLISH to ", true, 3}}, "Sending PUBLISH to a", 3},
      {"and nothing after it", {{"Sending PUBLISH to ", true, 3}}, "Sending PUBLISH to ", 3},
      {"a prefix of exactly 16 bytes", {{"Sending PUBREL t", true, 1}}, "Sending PUBREL to a", 1},
      {"a message that ends within it", {{"Sending PUBLISH to ", true, 3}}, "Sending PUBLISH to", -1},
      {"another byte after the 16th", {{"Sending PUBLISH to ", true, 3}}, "Sending PUBLISH tO a", -1},
      {"another byte before it", {{"Sending PUBLISH to ", true, 3}}, "Sending PUBLISh to a", -1},
      {"a row that is not ignored", {{"Sending PUBACK to ", false, 3}}, "Sending PUBACK to a", -1},
      {"a short prefix", {{"Sending PUB", true, 3}}, "Sending PUBLISH to a", -1},
      {"a longer prefix could match",
       {{"Sending PUBLISH to ", true, 3}, {"Sending PUBLISH to bridge ", false, 1}},
       "Sending PUBLISH to a",
       -1},
      {"an earlier row with the same prefix could match",
       {{"Sending PUBLISH to ", false, 1}, {"Sending PUBLISH to ", true, 3}},
       "Sending PUBLISH to a",
       -1},
      {"a later row with the same prefix is not reached",
       {{"Sending PUBLISH to ", true, 3}, {"Sending PUBLISH to ", false, 1}},
       "Sending PUBLISH to a",
       3},
      {"a shorter prefix is tried later",
       {{"Sending PUBLISH ", false, 1}, {"Sending PUBLISH to ", true, 3}},
       "Sending PUBLISH to a",
       3},
      {"no rows", {}, "Sending PUBLISH to a", -1},
      {"an empty message", {{"Sending PUBLISH to ", true, 3}}, "", -1},
  };
  for (const auto& c : cases) EXPECT_EQ(IgnoredPrefixes(c.rows).find(c.message), c.level) << c.why;
}

}  // namespace
}  // namespace mre
