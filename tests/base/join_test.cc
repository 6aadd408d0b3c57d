// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/join.h"

#include <gtest/gtest.h>

#include <vector>

namespace mre {
namespace {

TEST(Join, PutsTheSeparatorBetweenAllItems) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(join(Words{}, ", "), "");
  EXPECT_EQ(join(Words{"a"}, ", "), "a");
  EXPECT_EQ(join(Words{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join(Words{"", "", "b"}, ","), ",,b") << "empty items count too";
  EXPECT_EQ(join(std::vector<int>{1, 2}, " ", [](int number) { return std::to_string(number); }), "1 2");
}

}  // namespace
}  // namespace mre
