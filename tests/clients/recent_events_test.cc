// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/recent_events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace mre {
namespace {

ReasonEvent code(std::uint8_t code) {
  return {mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, code, Evidence::code_in_record};
}

RecentEvent event(std::uint64_t number, const AnyEvent& what, std::size_t bytes = 8) {
  RecentEvent recent{.number = number, .source = "log", .event = what};
  recent.subject.client = std::string(bytes, 'c');
  return recent;
}

TEST(RecentEvents, ListsTheNewestFirst) {
  RecentEvents recent;
  recent.add(event(1, code(0x87)));
  recent.add(event(2, code(0x88)));
  recent.add(event(3, code(0x87)));
  const auto all = recent.newest_first();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].number, 3U);
  EXPECT_EQ(all[2].number, 1U);
}

TEST(RecentEvents, AFloodOfOneReasonLeavesTheOthers) {
  RecentEvents recent;
  std::uint64_t number = 0;
  for (int i = 0; i < 20; ++i) recent.add(event(++number, code(0x88)));
  for (int i = 0; i < 5000; ++i) recent.add(event(++number, code(0x87)));
  const auto all = recent.newest_first();
  EXPECT_EQ(all.size(), RecentEvents::kMaxEvents);
  EXPECT_EQ(recent.dropped(), 5020 - RecentEvents::kMaxEvents);
  EXPECT_EQ(std::ranges::count_if(all, [](const RecentEvent& e) { return e.event == AnyEvent(code(0x88)); }),
            20);
  EXPECT_EQ(all[0].number, number);
}

TEST(RecentEvents, StaysWithinItsBytes) {
  RecentEvents recent;
  for (std::uint64_t i = 1; i <= 3000; ++i) recent.add(event(i, code(i % 3 == 0 ? 0x87 : 0x86), 4000));
  EXPECT_LE(recent.bytes(), RecentEvents::kMaxBytes);
  EXPECT_GT(recent.bytes(), RecentEvents::kMaxBytes / 2);
  EXPECT_EQ(recent.newest_first().size(), recent.size());
}

TEST(RecentEvents, OfAllSizesTakeTheMemoryOfEarlierOnes) {
  RecentEvents recent;
  for (std::uint64_t i = 1; i <= 20'000; ++i)
    recent.add(event(i, code(i % 7 == 0 ? 0x87 : 0x86), i % 11 == 0 ? 9000 : i % 5));
  EXPECT_LE(recent.bytes(), RecentEvents::kMaxBytes);
  EXPECT_GT(recent.size(), 100U);
  EXPECT_EQ(recent.newest_first().front().number, 20'000U);
  EXPECT_EQ(recent.dropped(), 20'000 - recent.size());
}

TEST(AnyEvent, IsGroupedByPacketAndReasonAndKeptUnlessNormal) {
  const auto reason = [](std::string_view label) { return mqtt::close_reason_from(label).value(); };
  const CloseEvent ended{mqtt::Protocol::v3_1_1, reason("keep_alive_timeout"), mqtt::Initiator::broker};
  const CloseEvent normal{mqtt::Protocol::v3_1_1, reason("normal_disconnection"), mqtt::Initiator::client};
  const DenialEvent denied{mqtt::Protocol::v3_1_1, Action::publish, reason("not_authorized")};
  EXPECT_EQ(group_of(code(0x87)), (EventGroup{"CONNACK", "not_authorized"}));
  EXPECT_EQ(group_of(ended), (EventGroup{"end", "keep_alive_timeout"}));
  EXPECT_EQ(group_of(denied), (EventGroup{"publish denied", "not_authorized"}));
  EXPECT_TRUE(is_remarkable(code(0x87)));
  EXPECT_FALSE(is_remarkable(code(0x00)));
  EXPECT_TRUE(is_remarkable(ended));
  EXPECT_FALSE(is_remarkable(normal));
  EXPECT_EQ(class_of(denied), mqtt::Class::error);
  const ReasonEvent nobody{mqtt::Packet::puback, mqtt::Direction::sent, mqtt::Protocol::v5, 0x10,
                           Evidence::code_in_record};
  EXPECT_FALSE(is_remarkable(nobody)) << "no matching subscribers";
}

}  // namespace
}  // namespace mre
