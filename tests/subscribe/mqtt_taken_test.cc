// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/mqtt_taken.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

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

std::string saved(const MqttTaken& taken) {
  ByteWriter out;
  taken.save(out);
  return std::move(out).take();
}

TEST(MqttTaken, RemembersAsManyAsCanBeUnacknowledged) {
  const std::size_t before = test::heap_in_use();
  MqttTaken taken;
  for (unsigned id = 1; id <= 65535; ++id) taken.add(static_cast<std::uint16_t>(id), "t", "a");
  EXPECT_LE(test::heap_in_use() - before, MqttTaken::kRemembered * 16 + 8192);
  EXPECT_EQ(taken.count(), 65535U);
  EXPECT_TRUE(taken.has(65536 - MqttTaken::kRemembered, "t", "a"));
  EXPECT_FALSE(taken.has(65535 - MqttTaken::kRemembered, "t", "a"));
  EXPECT_LE(saved(taken).size(), MqttTaken::kRemembered * 11 + 2);
}

TEST(MqttTaken, ForgetsWhatIsAfterANumber) {
  MqttTaken taken;
  for (unsigned id = 1; id <= 2000; ++id) taken.add(static_cast<std::uint16_t>(id), "t", "a");
  taken.keep_up_to(3000);
  EXPECT_EQ(taken.count(), 2000U);
  taken.keep_up_to(1990);
  EXPECT_EQ(taken.count(), 1990U);
  EXPECT_TRUE(taken.has(1990, "t", "a"));
  EXPECT_FALSE(taken.has(1991, "t", "a"));
  taken.keep_up_to(10);
  EXPECT_EQ(taken.count(), 10U);
  EXPECT_FALSE(taken.has(10, "t", "a")) << "too long ago";
}

TEST(MqttTaken, IsTheSameWhenItIsReadAgain) {
  MqttTaken taken;
  taken.add(7, "t", "a");
  taken.add(65535, "t", "b");
  const std::string bytes = saved(taken);
  ByteReader in(bytes);
  const MqttTaken again = MqttTaken::load(in);
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(again.count(), 2U);
  EXPECT_TRUE(again.has(7, "t", "a"));
  EXPECT_TRUE(again.has(65535, "t", "b"));
}

TEST(MqttTaken, WhatNobodyWroteIsNotRead) {
  MqttTaken taken;
  taken.add(7, "t", "a");
  const std::string bytes = saved(taken);
  for (const std::string& bad :
       {bytes.substr(0, bytes.size() - 1), std::string("\x01\x80\x80\x04", 4) + "12345678",
        std::string("\x81\x08", 2)}) {
    ByteReader in(bad);
    MqttTaken::load(in);
    EXPECT_TRUE(in.failed()) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace mre
