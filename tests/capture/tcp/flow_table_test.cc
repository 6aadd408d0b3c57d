// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/tcp/flow_table.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

FlowKey key_of(std::uint64_t number) { return {.low = number * 0x9E3779B97F4A7C15U, .high = number}; }

TEST(FlowTable, FindsEveryFlowWhileItGrows) {
  constexpr std::uint64_t kFlows = 5000;
  FlowTable table(kFlows);
  for (std::uint64_t i = 0; i < kFlows; ++i) {
    EXPECT_FALSE(table.full());
    Flow& flow = table.insert(key_of(i), 0);
    if (i % 3 == 0) table.move_to_open(flow, 0);
    if (i % 5 == 0) table.remove(flow);
    if (i % 5 == 0) table.insert(key_of(i), 0);
  }
  EXPECT_TRUE(table.full());
  for (std::uint64_t i = 0; i < kFlows; i += 2) table.remove(*table.find(key_of(i)));
  for (std::uint64_t i = 0; i < kFlows; ++i) {
    const Flow* found = table.find(key_of(i));
    ASSERT_EQ(found != nullptr, i % 2 == 1) << i;
    EXPECT_TRUE(found == nullptr || found->key == key_of(i));
  }
  EXPECT_EQ(table.oldest_open()->key, key_of(3));
  EXPECT_EQ(table.oldest_transient()->key, key_of(1));
}

}  // namespace
}  // namespace mre
