// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/client_memory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

TEST(ClientMemory, TheEndOfAnOldConnectionDoesNotEndTheNewOne) {
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

TEST(ClientMemory, IsBoundedAndCountsForgottenClients) {
  ClientMemory memory(1024);
  constexpr unsigned kClients = 100'000;
  for (unsigned i = 0; i < kClients; ++i)
    memory.connect(memory.hash("client-" + std::to_string(i)), Protocol::v5, 0);
  EXPECT_LE(memory.remembered(), 1024U);
  EXPECT_EQ(memory.remembered() + memory.forgotten(), kClients);
}

TEST(ClientMemory, EndedClientsAreEvictedFirst) {
  ClientMemory memory(8);  // one bucket
  for (int i = 0; i < 8; ++i) memory.connect(memory.hash(std::to_string(i)), Protocol::v5, 0);
  memory.end(memory.hash("7"), 0);  // the one used last, but ended
  memory.connect(memory.hash("new"), Protocol::v3_1, 0);
  EXPECT_EQ(memory.forgotten(), 0U);
  EXPECT_EQ(memory.find(memory.hash("7")), nullptr);
  for (int i = 0; i < 7; ++i) EXPECT_NE(memory.find(memory.hash(std::to_string(i))), nullptr) << i;
}

TEST(ClientMemory, ARefusedConnectDoesNotChangeTheClientWithTheSameId) {
  ClientMemory memory;
  const auto a = memory.hash("a");
  memory.announce(a, Protocol::v5);
  EXPECT_EQ(memory.find(a)->state, ClientState::unknown);
  EXPECT_EQ(memory.find(a)->protocol, Protocol::unknown);
  EXPECT_EQ(memory.find(a)->announced_protocol(), Protocol::v5);
  EXPECT_EQ(memory.remembered(), 0U);
  EXPECT_EQ(memory.find(a)->state_with_announced(), ClientState::announced);
  memory.connect(a, memory.find(a)->announced_protocol(), 0);
  memory.answer(a, true);
  EXPECT_EQ(memory.find(a)->state_with_announced(), ClientState::connected);

  memory.announce(a, Protocol::v3_1);
  EXPECT_EQ(memory.find(a)->protocol, Protocol::v5);
  memory.answer(a, false);
  EXPECT_EQ(memory.find(a)->announced_protocol(), Protocol::unknown);
  EXPECT_EQ(memory.find(a)->protocol, Protocol::v5);
  EXPECT_EQ(memory.find(a)->state, ClientState::connected);

  const auto b = memory.hash("b");
  memory.answer(b, false);
  EXPECT_EQ(memory.find(b)->state_with_announced(), ClientState::refused);
  memory.announce(b, Protocol::v5);
  EXPECT_EQ(memory.find(b)->state_with_announced(), ClientState::announced);

  memory.announce(a, Protocol::v3_1);
  memory.announce(a, Protocol::v5);
  EXPECT_EQ(memory.find(a)->announced_protocol(), Protocol::unknown) << "which of the two is answered?";
}

TEST(ClientMemory, AnnouncementsDoNotEvictConnectedClients) {
  ClientMemory memory(8);  // one bucket
  for (int i = 0; i < 7; ++i) memory.connect(memory.hash(std::to_string(i)), Protocol::v5, 0);
  for (int i = 0; i < 1000; ++i) memory.announce(memory.hash("unknown-" + std::to_string(i)), Protocol::v3_1);
  EXPECT_EQ(memory.forgotten(), 0U);
  for (int i = 0; i < 7; ++i) EXPECT_NE(memory.find(memory.hash(std::to_string(i))), nullptr) << i;
}

std::string saved(const ClientMemory& memory) {
  ByteWriter out;
  memory.save(out);
  return std::move(out).take();
}

TEST(ClientMemory, ARestoredMemoryKnowsAndForgetsTheSame) {
  ClientMemory memory(64);
  const auto act = [](ClientMemory& on, unsigned i) {
    const auto client = on.hash("client-" + std::to_string(i * 7919 % 200));
    const auto peer = on.hash("peer-" + std::to_string(i % 3));
    switch (i % 5) {
      case 0:
        return on.announce(client, static_cast<Protocol>(i % 3));
      case 1:
        return on.answer(client, i % 2 == 0);
      case 2:
        return on.end(client, peer);
      default:
        return on.connect(client, static_cast<Protocol>(i % 4), i % 4 == 0 ? 0 : peer);
    }
  };
  unsigned done = 0;
  for (; done < 2000; ++done) act(memory, done);
  const std::string bytes = saved(memory);
  ClientMemory next(64);
  ByteReader in(bytes);
  next.restore(in);
  ASSERT_TRUE(in.finished());
  EXPECT_EQ(saved(next), bytes);
  EXPECT_EQ(next.remembered(), memory.remembered());
  EXPECT_EQ(next.forgotten(), 0U);
  const std::uint64_t forgotten = memory.forgotten();
  for (; done < 4000; ++done) {
    act(memory, done);
    act(next, done);
    ASSERT_EQ(next.remembered(), memory.remembered()) << done;
    ASSERT_EQ(next.forgotten(), memory.forgotten() - forgotten) << done;
  }
  EXPECT_EQ(saved(next), saved(memory));
}

TEST(ClientMemory, NoClientIsConnectedAfterARestartOfTheBroker) {
  ClientMemory memory;
  const auto here = memory.hash("here"), refused = memory.hash("refused");
  memory.connect(here, Protocol::v5, memory.hash("127.0.0.1:1"));
  memory.answer(refused, false);
  memory.end_all();
  EXPECT_EQ(memory.remembered(), 0U);
  EXPECT_EQ(memory.find(here)->state, ClientState::ended);
  EXPECT_EQ(memory.find(here)->protocol, Protocol::v5);
  EXPECT_EQ(memory.find(refused)->state, ClientState::refused);
}

TEST(ClientMemory, AFullMemoryIsSavedInLessThan1600000Bytes) {
  ClientMemory memory;
  for (unsigned i = 0; i < 400'000; ++i) {
    const std::string name = std::to_string(i);
    memory.connect(memory.hash(name), Protocol::v5, memory.hash(name + ":"));
  }
  ASSERT_GT(memory.remembered(), 65'000U);
  EXPECT_LT(saved(memory).size(), 1'600'000U);
}

TEST(ClientMemory, RefusesInvalidSavedState) {
  struct Client {
    std::uint64_t hash;
    std::uint64_t state;
    std::uint64_t protocol;
    std::uint64_t announced;
  };
  const struct {
    const char* why;
    std::vector<Client> clients;
    bool accepted;
  } cases[] = {
      {"no clients", {}, true},
      {"two", {{1, 1, 2, 0}, {2, 3, 3, 15}}, true},
      {"the same twice", {{1, 1, 2, 0}, {1, 1, 2, 0}}, false},
      {"an invalid state", {{1, 4, 2, 0}}, false},
      {"no protocol", {{1, 1, 4, 0}}, false},
      {"an invalid announced protocol", {{1, 1, 2, 16}}, false},
      {"more than there is room for",
       {{1, 1, 0, 0},
        {2, 1, 0, 0},
        {3, 1, 0, 0},
        {4, 1, 0, 0},
        {5, 1, 0, 0},
        {6, 1, 0, 0},
        {7, 1, 0, 0},
        {8, 1, 0, 0},
        {9, 1, 0, 0}},
       false},
  };
  for (const auto& c : cases) {
    ByteWriter out;
    out.word(7);
    for (const Client& client : c.clients) {
      out.word(client.hash);
      for (const std::uint64_t value : {client.state, client.protocol, client.announced}) out.number(value);
      out.word(0);
    }
    out.word(0);
    ClientMemory memory(8);
    ByteReader in(out.bytes());
    memory.restore(in);
    EXPECT_EQ(in.finished(), c.accepted) << c.why;
  }
}

}  // namespace
}  // namespace mre
