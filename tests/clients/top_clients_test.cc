// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/top_clients.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "exporter/base/seeded_hash.h"

namespace mre {
namespace {

constexpr EventGroup kRefusedLogin{"CONNACK", "not_authorized"};
constexpr EventGroup kTimedOut{"end", "keep_alive_timeout"};
constexpr double kStart = 1'800'000'000;

void add(TopClients& top, const EventGroup& group, const std::string& name, double now) {
  top.add(group, seeded_hash(1, name), name, now);
}

/// How many events each of `clients` clients causes, as in fleets: a few cause most of them (a power law).
std::vector<std::pair<std::string, std::uint64_t>> skewed_fleet(int clients) {
  std::vector<std::pair<std::string, std::uint64_t>> fleet;
  for (int i = 0; i < clients; ++i)
    fleet.emplace_back("meter-" + std::to_string(i),
                       static_cast<std::uint64_t>(std::ceil(20'000 / std::pow(i + 1, 1.1))));
  return fleet;
}

TEST(TopClients, FindsTheTrueFirstTenOfAHundredThousandWithinTheShownBounds) {
  const auto fleet = skewed_fleet(100'000);
  std::vector<std::uint32_t> events;
  for (std::uint32_t i = 0; i < fleet.size(); ++i) events.insert(events.end(), fleet[i].second, i);
  std::mt19937 random(3);
  std::ranges::shuffle(events, random);
  TopClients top(kStart);
  // In a quarter of an hour, so that the last hour has all of them.
  for (std::size_t i = 0; i < events.size(); ++i)
    add(top, kRefusedLogin, fleet[events[i]].first,
        kStart + 900.0 * static_cast<double>(i) / static_cast<double>(events.size()));

  for (const Period period : {Period::since_start, Period::hour}) {
    const auto lists = top.lists(period, kStart + 900, 10);
    ASSERT_EQ(lists.size(), 1U);
    EXPECT_EQ(lists[0].events, events.size());
    ASSERT_EQ(lists[0].clients.size(), 10U);
    for (std::size_t i = 0; i < 10; ++i) {
      const TopClient& client = lists[0].clients[i];
      EXPECT_EQ(client.name, fleet[i].first) << to_string(period);
      EXPECT_LE(client.at_least, fleet[i].second);
      EXPECT_GE(client.at_most, fleet[i].second);
    }
    EXPECT_GE(lists[0].other_at_most, fleet[10].second);
  }
}

TEST(TopClients, APeriodForgetsWhatIsOlder) {
  TopClients top(kStart);
  for (int i = 0; i < 50; ++i) add(top, kTimedOut, "old", kStart);
  for (int i = 0; i < 3; ++i) add(top, kTimedOut, "new", kStart + 1000);
  const auto names = [&](Period period, double now) {
    std::map<std::string, std::uint64_t> counts;
    for (const TopList& list : top.lists(period, now, 10))
      for (const TopClient& client : list.clients) counts[client.name] = client.at_least;
    return counts;
  };
  using Counts = std::map<std::string, std::uint64_t>;
  EXPECT_EQ(names(Period::five_minutes, kStart + 1000), (Counts{{"new", 3}}));
  EXPECT_EQ(names(Period::hour, kStart + 1000), (Counts{{"new", 3}, {"old", 50}}));
  EXPECT_EQ(names(Period::hour, kStart + 10'000), Counts());
  EXPECT_EQ(names(Period::since_start, kStart + 10'000), (Counts{{"new", 3}, {"old", 50}}));
}

TEST(TopClients, APeriodCoversAtLeastItsLengthAndAtMostAQuarterMore) {
  TopClients top(kStart - 100'000);
  for (double now = kStart; now < kStart + 400; now += 7) {
    add(top, kRefusedLogin, "c", now);
    const auto list = top.lists(Period::five_minutes, now, 1).at(0);
    EXPECT_GE(now - list.since_seconds, 300);
    EXPECT_LE(now - list.since_seconds, 375);
  }
}

TEST(TopClients, OrdersGroupsByEventsAndCountsTheRestTogether) {
  TopClients top(kStart);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < TopClients::kMaxGroups + 20; ++i)
    names.push_back("reason_" + std::to_string(i));
  for (const std::string& name : names) add(top, {"DISCONNECT", name}, "c", kStart);
  add(top, {"DISCONNECT", names[5]}, "c", kStart);
  const auto lists = top.lists(Period::since_start, kStart, 10);
  ASSERT_EQ(lists.size(), TopClients::kMaxGroups + 1);
  EXPECT_EQ(lists[0].group, (EventGroup{"other", "other"}));
  EXPECT_EQ(lists[0].events, 20U);
  EXPECT_EQ(lists[1].group.reason, names[5]);
}

TEST(TopClients, ShowsThatClientsOutsideTheListMayHaveHadEvents) {
  TopClients top(kStart);
  for (int i = 0; i < 100; ++i)
    for (int n = 0; n <= i; ++n) add(top, kRefusedLogin, "c" + std::to_string(i), kStart);
  const auto list = top.lists(Period::since_start, kStart, 10).at(0);
  ASSERT_EQ(list.clients.size(), 10U);
  EXPECT_EQ(list.clients[0].at_least, 100U);
  EXPECT_EQ(list.clients[0].at_most, 100U);
  EXPECT_EQ(list.other_at_most, 90U);
}

}  // namespace
}  // namespace mre
