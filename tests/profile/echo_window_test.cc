#include "exporter/profile/echo_window.h"

#include <gtest/gtest.h>

#include <vector>

namespace mre {
namespace {

constexpr ReasonEvent kAccepted{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x00,
                                Evidence::inferred};

struct Fixture {
  EchoWindow window{4};
  std::vector<ReasonEvent> told;
  void advance(int records = 1) {
    for (int i = 0; i < records; ++i)
      window.advance([&](const ReasonEvent& event) { told.push_back(event); });
  }
  void wait(std::uint64_t client) {
    window.wait(0, client, kAccepted, [&](const ReasonEvent& event) { told.push_back(event); });
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

TEST(EchoWindow, ACodeAbsorbsNothingAfterTheWindowNorOfAnotherGroup) {
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

TEST(EchoWindow, WhatWaitsIsToldOnceWhenNoCodeComes) {
  Fixture f;
  f.advance();
  f.wait(7);
  f.advance(4);
  EXPECT_TRUE(f.told.empty());
  f.advance();
  EXPECT_EQ(f.told.size(), 1U);
  f.window.settle([&](const ReasonEvent& event) { f.told.push_back(event); });
  EXPECT_EQ(f.told.size(), 1U);
}

TEST(EchoWindow, ACodeDropsWhatWaitsForTheSameClientOnly) {
  Fixture f;
  f.advance();
  f.wait(1);
  f.wait(2);
  f.wait(3);
  f.window.code(0, 2, false);
  f.window.settle([&](const ReasonEvent& event) { f.told.push_back(event); });
  EXPECT_EQ(f.told.size(), 2U);
}

// A client id that imitates the end of its own connect line.
TEST(EchoWindow, ACodeDropsWhatWaitsForAClientThatCouldNotBeRead) {
  Fixture f;
  f.advance();
  f.wait(EchoWindow::kNoClient);
  f.wait(1);
  f.window.code(0, 1, false);
  f.window.code(0, 2, false);
  f.advance(5);
  EXPECT_TRUE(f.told.empty());
}

TEST(EchoWindow, TellsTheOldestWhenTooManyWait) {
  Fixture f;
  f.advance();
  for (std::uint64_t client = 1; client <= 1000; ++client) f.wait(client);
  f.window.settle([&](const ReasonEvent& event) { f.told.push_back(event); });
  EXPECT_EQ(f.told.size(), 1000U);
}

}  // namespace
}  // namespace mre
