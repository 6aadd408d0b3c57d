#include "exporter/profile/client_memory.h"

#include <gtest/gtest.h>

#include <string>

namespace mre {
namespace {

using mqtt::Protocol;

TEST(ClientMemory, RemembersTheProtocolUntilTheConnectionEnds) {
  ClientMemory memory;
  const auto a = memory.hash("a");
  EXPECT_EQ(memory.find(a), nullptr);
  memory.connect(a, Protocol::v5, 0);
  ASSERT_NE(memory.find(a), nullptr);
  EXPECT_EQ(memory.find(a)->protocol, Protocol::v5);
  EXPECT_EQ(memory.find(a)->state, ClientState::connected);
  memory.end(a, 0);
  EXPECT_EQ(memory.find(a)->state, ClientState::ended);
  EXPECT_EQ(memory.remembered(), 0U);
  memory.connect(a, Protocol::v3_1_1, 0);
  EXPECT_EQ(memory.find(a)->protocol, Protocol::v3_1_1);
  EXPECT_EQ(memory.remembered(), 1U);
}

TEST(ClientMemory, AnEarlierConnectionsEndDoesNotEndTheNewOne) {
  ClientMemory memory;
  const auto a = memory.hash("a");
  const auto old_peer = memory.hash("10.0.0.1:1");
  const auto new_peer = memory.hash("10.0.0.1:2");
  memory.connect(a, Protocol::v5, old_peer);
  memory.connect(a, Protocol::v5, new_peer);
  memory.end(a, old_peer);
  EXPECT_EQ(memory.find(a)->state, ClientState::connected);
  memory.end(a, new_peer);
  EXPECT_EQ(memory.find(a)->state, ClientState::ended);
}

TEST(ClientMemory, IsBoundedAndCountsWhomItForgets) {
  ClientMemory memory(1024);
  constexpr unsigned kClients = 100'000;
  for (unsigned i = 0; i < kClients; ++i)
    memory.connect(memory.hash("client-" + std::to_string(i)), Protocol::v5, 0);
  EXPECT_LE(memory.remembered(), 1024U);
  EXPECT_EQ(memory.remembered() + memory.forgotten(), kClients);
}

TEST(ClientMemory, EndedClientsMakeRoomFirst) {
  ClientMemory memory(8);  // one bucket
  for (int i = 0; i < 8; ++i) memory.connect(memory.hash(std::to_string(i)), Protocol::v5, 0);
  memory.end(memory.hash("7"), 0);  // the one used last, but ended
  memory.connect(memory.hash("new"), Protocol::v3_1, 0);
  EXPECT_EQ(memory.forgotten(), 0U);
  EXPECT_EQ(memory.find(memory.hash("7")), nullptr);
  for (int i = 0; i < 7; ++i) EXPECT_NE(memory.find(memory.hash(std::to_string(i))), nullptr) << i;
}

TEST(ClientMemory, WhoeverIsRefusedChangesNothingOfTheClientWhoseIdHeGave) {
  ClientMemory memory;
  const auto a = memory.hash("a");
  memory.announce(a, Protocol::v5);
  EXPECT_EQ(memory.find(a)->state, ClientState::unknown);
  EXPECT_EQ(memory.find(a)->protocol, Protocol::unknown);
  EXPECT_EQ(memory.find(a)->announced_protocol(), Protocol::v5);
  EXPECT_EQ(memory.remembered(), 0U);
  EXPECT_EQ(memory.find(a)->told_state(), ClientState::announced);
  memory.connect(a, memory.find(a)->announced_protocol(), 0);
  memory.answer(a, true);
  EXPECT_EQ(memory.find(a)->told_state(), ClientState::connected);

  memory.announce(a, Protocol::v3_1);
  EXPECT_EQ(memory.find(a)->protocol, Protocol::v5);
  memory.answer(a, false);
  EXPECT_EQ(memory.find(a)->announced_protocol(), Protocol::unknown);
  EXPECT_EQ(memory.find(a)->protocol, Protocol::v5);
  EXPECT_EQ(memory.find(a)->state, ClientState::connected);

  const auto b = memory.hash("b");
  memory.answer(b, false);
  EXPECT_EQ(memory.find(b)->told_state(), ClientState::refused);
  memory.announce(b, Protocol::v5);
  EXPECT_EQ(memory.find(b)->told_state(), ClientState::announced);

  memory.announce(a, Protocol::v3_1);
  memory.announce(a, Protocol::v5);
  EXPECT_EQ(memory.find(a)->announced_protocol(), Protocol::unknown) << "which of the two is answered?";
}

TEST(ClientMemory, AnnouncementsPushNoConnectedClientOut) {
  ClientMemory memory(8);  // one bucket
  for (int i = 0; i < 7; ++i) memory.connect(memory.hash(std::to_string(i)), Protocol::v5, 0);
  for (int i = 0; i < 1000; ++i)
    memory.announce(memory.hash("stranger-" + std::to_string(i)), Protocol::v3_1);
  EXPECT_EQ(memory.forgotten(), 0U);
  for (int i = 0; i < 7; ++i) EXPECT_NE(memory.find(memory.hash(std::to_string(i))), nullptr) << i;
}

}  // namespace
}  // namespace mre
