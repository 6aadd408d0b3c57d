// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/zeroed_array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace mre {
namespace {

TEST(ZeroedArray, IsZeroAtFirstAndAfterAClear) {
  const auto is_zero = [](std::uint64_t value) { return value == 0; };
  ZeroedArray<std::uint64_t> array(10'000);
  EXPECT_EQ(array.all().size(), 10'000U);
  EXPECT_TRUE(std::ranges::all_of(array.all(), is_zero));
  array[0] = 1;
  array[9'999] = 2;
  EXPECT_EQ(array.all().front() + array.all().back(), 3U);
  array.clear();
  EXPECT_TRUE(std::ranges::all_of(array.all(), is_zero));
}

TEST(ZeroedArray, MovesWithoutACopy) {
  ZeroedArray<std::uint64_t> from(8);
  from[3] = 7;
  ZeroedArray<std::uint64_t> to(std::move(from));
  EXPECT_EQ(to[3], 7U);
  ZeroedArray<std::uint64_t> other(4);
  other = std::move(to);
  EXPECT_EQ(other.all().size(), 8U);
  EXPECT_EQ(other[3], 7U);
}

}  // namespace
}  // namespace mre
