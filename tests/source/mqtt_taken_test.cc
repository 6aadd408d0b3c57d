#include "exporter/source/mqtt_taken.h"

#include <gtest/gtest.h>

#include "tests/support/heap.h"

namespace mre {
namespace {

TEST(MqttTaken, TellsWhatWasTakenLastUnderAnIdentifier) {
  MqttTaken taken;
  EXPECT_FALSE(taken.has(1, "t", "a")) << "nothing yet";
  taken.add(1, "t", "a");
  taken.add(65535, "t", "b");
  EXPECT_TRUE(taken.has(1, "t", "a"));
  EXPECT_TRUE(taken.has(65535, "t", "b"));
  EXPECT_FALSE(taken.has(2, "t", "a")) << "another identifier";
  EXPECT_FALSE(taken.has(1, "t", "b")) << "another payload";
  EXPECT_FALSE(taken.has(1, "u", "a")) << "another topic";
  taken.add(1, "t", "c");
  EXPECT_FALSE(taken.has(1, "t", "a")) << "the identifier was used again";
  taken.add(0, "t", "a");
  EXPECT_FALSE(taken.has(0, "t", "a")) << "QoS 0 has none";
  taken.clear();
  EXPECT_FALSE(taken.has(65535, "t", "b"));
}

TEST(MqttTaken, TakesEightBytesForEachIdentifier) {
  const std::size_t before = test::heap_in_use();
  MqttTaken taken;
  for (unsigned id = 1; id <= 65535; ++id) taken.add(static_cast<std::uint16_t>(id), "t", "a");
  EXPECT_LE(test::heap_in_use() - before, 65536U * 8 + 8192);
  EXPECT_TRUE(taken.has(300, "t", "a")) << "it is kept while the table grows";
}

}  // namespace
}  // namespace mre
