// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/event_history.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace mre {
namespace {

constexpr double kNow = 1'800'000'000;
constexpr ReasonEvent kRefused{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x87,
                               Evidence::code_in_record};

EventHistory remembering(ClientOptions::Identity identity = ClientOptions::Identity::full) {
  return EventHistory(IdentityFilter(identity, {}), kNow);
}

TEST(EventHistory, RemembersWhoWasRefused) {
  EventHistory history = remembering();
  history.remember(true);
  history.add("log", kRefused, {.client = "a", .peer = "192.0.2.1:5"}, kNow);
  history.add("log", kRefused, {.client = "a", .peer = "192.0.2.1:6"}, kNow);
  history.add("log", kRefused, {.peer = "192.0.2.9:7"}, kNow);
  history.add("log", kRefused, {}, kNow);
  const auto recent = history.recent();
  ASSERT_EQ(recent.events.size(), 4U);
  EXPECT_EQ(recent.added, 4U);
  EXPECT_EQ(recent.events[3].subject.client, "a");
  const auto top = history.top(Period::five_minutes, kNow, 10);
  ASSERT_EQ(top.size(), 1U);
  EXPECT_EQ(top[0].group, (EventGroup{"CONNACK", "not_authorized"}));
  ASSERT_EQ(top[0].clients.size(), 2U) << "an event without client and address is not in the list";
  EXPECT_EQ(top[0].clients[0].name, "a");
  EXPECT_EQ(top[0].clients[0].at_least, 2U);
  EXPECT_EQ(top[0].clients[1].name, "192.0.2.9");
}

TEST(EventHistory, GivesAnAddressTheNameThatACaptureHasRead) {
  EventHistory history = remembering();
  history.remember(true);
  history.introduce({.client = "pump", .user = "bob", .peer = "192.0.2.1:5"});
  history.add("log", kRefused, {.peer = "192.0.2.1:5"}, kNow);
  history.add("log", kRefused, {.peer = "192.0.2.1:6"}, kNow);
  history.add("log", kRefused, {.client = "named", .peer = "192.0.2.1:5"}, kNow);
  const auto events = history.recent().events;
  EXPECT_EQ(events[2].subject.client, "pump");
  EXPECT_EQ(events[2].subject.user, "bob");
  EXPECT_EQ(events[1].subject.client, "") << "another connection from the same address";
  EXPECT_EQ(events[0].subject.client, "named");
  EXPECT_EQ(events[0].subject.user, "");
}

TEST(EventHistory, GivesNoNameThatTheIdentityForbids) {
  EventHistory hashed = remembering(ClientOptions::Identity::hash);
  hashed.remember(true);
  hashed.introduce({.client = "pump", .user = "bob", .peer = "192.0.2.1:5"});
  hashed.add("log", kRefused, {.peer = "192.0.2.1:5"}, kNow);
  hashed.add("log", kRefused, {.client = "pump"}, kNow);
  const auto events = hashed.recent().events;
  EXPECT_EQ(events[0].subject.client, events[1].subject.client);
  EXPECT_NE(events[0].subject.client, "pump");
  EXPECT_EQ(events[1].subject.user, "");
  EXPECT_EQ(events[1].subject.peer, "");

  EventHistory address = remembering(ClientOptions::Identity::address);
  address.remember(true);
  address.introduce({.client = "pump", .user = "bob", .peer = "192.0.2.1:5"});
  address.add("log", kRefused, {.peer = "192.0.2.1:5"}, kNow);
  EXPECT_EQ(address.recent().events[0].subject.client, "");
  EXPECT_EQ(address.recent().events[0].subject.peer, "192.0.2.1");
}

TEST(EventHistory, KeepsNothingWhileItIsOffAndForgetsWhenTurnedOff) {
  EventHistory history = remembering();
  EXPECT_FALSE(history.wants_events());
  history.add("log", kRefused, {.client = "a"}, kNow);
  EXPECT_TRUE(history.recent().events.empty());
  history.remember(true);
  history.introduce({.client = "pump", .peer = "192.0.2.1:5"});
  history.add("log", kRefused, {.client = "a"}, kNow);
  EXPECT_EQ(history.recent().events.size(), 1U);
  history.remember(false);
  EXPECT_TRUE(history.recent().events.empty());
  EXPECT_TRUE(history.top(Period::since_start, kNow, 10).empty());
  history.remember(true);
  history.add("log", kRefused, {.peer = "192.0.2.1:5"}, kNow);
  EXPECT_EQ(history.recent().events[0].subject.client, "");
}

TEST(EventHistory, AListenerReceivesEventsAlsoWhileNothingIsRemembered) {
  std::vector<std::string> clients;
  EventHistory history(IdentityFilter(ClientOptions::Identity::full, {}), kNow,
                       [&](const RecentEvent& event) { clients.push_back(event.subject.client); });
  EXPECT_TRUE(history.wants_events());
  history.add("log", kRefused, {.client = "a"}, kNow);
  EXPECT_EQ(clients, std::vector<std::string>{"a"});
  EXPECT_TRUE(history.recent().events.empty());
}

TEST(EventHistory, IsReadWhileFeedsFillIt) {
  EventHistory history = remembering();
  history.remember(true);
  const auto fill = [&](int from) {
    for (int i = from; i < from + 2000; ++i)
      history.add("log", kRefused, {.client = "c" + std::to_string(i)}, kNow);
  };
  {
    const std::jthread first(fill, 0);
    const std::jthread second(fill, 10'000);
    for (int i = 0; i < 50; ++i) {
      EXPECT_LE(history.recent().events.size(), RecentEvents::kMaxEvents);
      EXPECT_LE(history.top(Period::hour, kNow, 5).size(), 1U);
    }
  }
  EXPECT_EQ(history.recent().added, 4000U);
}

}  // namespace
}  // namespace mre
