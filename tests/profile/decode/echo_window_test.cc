// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/echo_window.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace mre {
namespace {

constexpr ReasonEvent kAccepted{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x00,
                                Evidence::inferred};

struct Fixture {
  EchoWindow window{4};
  std::vector<ReasonEvent> emitted;
  void advance(int records = 1) {
    for (int i = 0; i < records; ++i)
      window.advance([&](const EchoWindow::LateEvent& late) { emitted.push_back(late.event); });
  }
  void wait(std::uint64_t client) {
    window.wait(0, client, {kAccepted},
                [&](const EchoWindow::LateEvent& late) { emitted.push_back(late.event); });
  }
};

TEST(EchoWindow, ACodeAbsorbsOneRecordInWords) {
  Fixture f;
  f.advance();
  f.window.code(0, 0, true);
  f.advance();
  EXPECT_TRUE(f.window.absorbed(0));
  EXPECT_FALSE(f.window.absorbed(0));
}

TEST(EchoWindow, ACodeAbsorbsNothingAfterTheWindowOrOfAnotherGroup) {
  Fixture f;
  f.advance();
  f.window.code(0, 0, true);
  EXPECT_FALSE(f.window.absorbed(1));
  f.advance(5);
  EXPECT_FALSE(f.window.absorbed(0));
}

TEST(EchoWindow, ACodeThatAcceptsLeavesNoMark) {
  Fixture f;
  f.advance();
  f.window.code(0, 7, false);
  EXPECT_FALSE(f.window.absorbed(0));
}

TEST(EchoWindow, AWaitingEventIsEmittedOnceIfNoCodeFollows) {
  Fixture f;
  f.advance();
  f.wait(7);
  f.advance(4);
  EXPECT_TRUE(f.emitted.empty());
  f.advance();
  EXPECT_EQ(f.emitted.size(), 1U);
  f.window.settle([&](const EchoWindow::LateEvent& late) { f.emitted.push_back(late.event); });
  EXPECT_EQ(f.emitted.size(), 1U);
}

TEST(EchoWindow, ACodeDropsAWaitingEventOfTheSameClientOnly) {
  Fixture f;
  f.advance();
  f.wait(1);
  f.wait(2);
  f.wait(3);
  f.window.code(0, 2, false);
  f.window.settle([&](const EchoWindow::LateEvent& late) { f.emitted.push_back(late.event); });
  EXPECT_EQ(f.emitted.size(), 2U);
}

// A client id that imitates the end of its own connect line.
TEST(EchoWindow, ACodeDropsAWaitingEventOfAnUnknownClient) {
  Fixture f;
  f.advance();
  f.wait(EchoWindow::kNoClient);
  f.wait(1);
  f.window.code(0, 1, false);
  f.window.code(0, 2, false);
  f.advance(5);
  EXPECT_TRUE(f.emitted.empty());
}

TEST(EchoWindow, EmitsTheOldestEventWhenTooManyWait) {
  Fixture f;
  f.advance();
  for (std::uint64_t client = 1; client <= 1000; ++client) f.wait(client);
  f.window.settle([&](const EchoWindow::LateEvent& late) { f.emitted.push_back(late.event); });
  EXPECT_EQ(f.emitted.size(), 1000U);
}

TEST(EchoWindow, ARestoredWindowContinuesAtTheSameRecord) {
  std::mt19937 engine(7);
  const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
  Fixture f;
  const auto act = [](Fixture& on, std::uint32_t what) {
    const auto group = static_cast<std::uint8_t>(what / 8 % 2);
    on.advance();
    if (what % 4 == 0) on.window.code(group, what / 16 % 3, what % 8 == 0);
    if (what % 4 == 1) on.emitted.resize(on.emitted.size() + (on.window.absorbed(group) ? 1 : 0), kAccepted);
    if (what % 4 == 2) on.wait(what / 16 % 3);
  };
  for (int i = 0; i < 2000; ++i) {
    act(f, random());
    ByteWriter out;
    f.window.save(out);
    Fixture next;
    ByteReader in(out.bytes());
    next.window.restore(in);
    ASSERT_TRUE(in.finished());
    Fixture same = f;
    same.emitted.clear();
    for (int j = 0; j < 8; ++j) {
      const std::uint32_t what = random();
      act(same, what);
      act(next, what);
      ASSERT_EQ(next.emitted, same.emitted) << i << " " << j;
    }
  }
}

}  // namespace
}  // namespace mre
