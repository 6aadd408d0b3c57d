// SPDX-License-Identifier: Apache-2.0
// Bytes that are missing, come twice or late.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/capture/made_frames.h"

namespace mre {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr std::int64_t kSecond = 1'000'000;
constexpr const char* kAccepted = "CONNACK sent 5.0 0x00 explicit";

TEST(ConnectionTracker, OfAMissingPayloadNothingIsLost) {
  MadeConnection made = opened(Level::v5);
  const std::size_t before = made.frames.size();
  made.say(Side::client, publish(Level::v5, 1, std::string(6000, 'x')), 1000).say(Side::broker, puback(0x97));
  made.frames.erase(made.frames.begin() + static_cast<std::ptrdiff_t>(before) + 2,
                    made.frames.begin() + static_cast<std::ptrdiff_t>(before) + 9);
  made.say(Side::client, puback(0x83)).close(Side::client);
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events, UnorderedElementsAre(kAccepted, "PUBACK sent 5.0 0x97 explicit",
                                                 "PUBACK received 5.0 0x83 explicit",
                                                 "close 5.0 connection_closed client"));
  EXPECT_EQ(heard.status.missing_bytes, 0U);
}

TEST(ConnectionTracker, BehindAGapItGoesOnAtTheNextPackets) {
  MadeConnection made = opened(Level::v5);
  const std::size_t lost = made.frames.size();
  made.say(Side::broker, suback(Level::v5, hex("87")));
  made.frames.erase(made.frames.begin() + static_cast<std::ptrdiff_t>(lost));
  made.say(Side::broker, suback(Level::v5, hex("0187"))).close(Side::client);
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events,
              UnorderedElementsAre(kAccepted, "SUBACK sent 5.0 0x01 explicit",
                                   "SUBACK sent 5.0 0x87 explicit", "close 5.0 connection_closed client"));
  EXPECT_EQ(heard.status.missing_bytes, suback(Level::v5, hex("87")).size());
  EXPECT_EQ(heard.status.resynchronisations, 1U);
}

TEST(ConnectionTracker, WhatAnOffloadingCardHandsOutMayComeLate) {
  constexpr std::size_t kSegment = 65483;  // IPv4's most
  MadeConnection made = opened(Level::v5);
  const std::string said = publish(Level::v5, 0, std::string(3 * kSegment, 'x')) + puback(0x83);
  const auto begin = static_cast<std::ptrdiff_t>(made.frames.size());
  made.say(Side::client, said, kSegment, false).say(Side::broker, puback(0x10), 100, false);
  for (int i = 0; i < 14; ++i) made.say(Side::broker, puback(0x10), 100, false);
  made.close(Side::client);
  // The first two segments, 131 kB, come after all that follows, of both sides.
  std::rotate(made.frames.begin() + begin, made.frames.begin() + begin + 2, made.frames.begin() + begin + 14);
  const Heard heard = hear(made.frames);
  EXPECT_EQ(heard.status.missing_bytes, 0U);
  EXPECT_EQ(heard.status.resynchronisations, 0U);
  EXPECT_THAT(heard.events, testing::Contains("PUBACK received 5.0 0x83 explicit"));
  EXPECT_EQ(heard.events.size(), 1U + 15U + 1U + 1U);
}

TEST(ConnectionTracker, BehindALargeMessageWithoutItsBeginningTheNextPacketsAreFound) {
  MadeConnection made = opened(Level::v5);
  const auto lost = static_cast<std::ptrdiff_t>(made.frames.size());
  made.say(Side::client, publish(Level::v5, 0, std::string(3U << 20U, 'x')));
  made.frames.erase(made.frames.begin() + lost);
  made.say(Side::client, puback(0x83) + puback(0x97));
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events, UnorderedElementsAre(kAccepted, "PUBACK received 5.0 0x83 explicit",
                                                 "PUBACK received 5.0 0x97 explicit"));
  EXPECT_EQ(heard.status.directions_given_up, 0U);
}

TEST(ConnectionTracker, WhetherAMissingPacketGaveTheReasonIsNotKnown) {
  MadeConnection made = opened(Level::v5);
  const std::size_t lost = made.frames.size();
  made.say(Side::client, disconnect()).close(Side::client);
  made.frames.erase(made.frames.begin() + static_cast<std::ptrdiff_t>(lost));
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events, ElementsAre(kAccepted));
  EXPECT_EQ(heard.status.ends_unknown, 1U);
}

TEST(ConnectionTracker, AGapIsGivenUpInTime) {
  struct Case {
    const char* why;
    bool acknowledged;
    std::int64_t not_yet_us;
    std::int64_t then_us;
  };
  for (const Case& c : {Case{"the broker has all of it", true, kSecond / 2, 2 * kSecond},
                        Case{"of one side only", false, 9 * kSecond, 11 * kSecond}}) {
    SourceStatus status;
    ConnectionTracker tracker({}, status);
    EventList list;
    MadeConnection made = opened(Level::v5);
    made.next[0] += 500;  // not seen
    made.say(Side::client, puback(0x83) + puback(0x97), 100, c.acknowledged);
    for (const MadeFrame& frame : made.frames) {
      const bool seen = c.acknowledged || frame.sender == Side::client;
      if (seen) tracker.see(frame.frame(), list);
    }
    const std::size_t before = list.events.size();
    tracker.pass_time(made.now_us + c.not_yet_us, list);
    EXPECT_EQ(list.events.size(), before) << c.why;
    tracker.pass_time(made.now_us + c.then_us, list);
    EXPECT_EQ(list.events.size(), before + 2) << c.why;
    EXPECT_EQ(status.missing_bytes, 500U) << c.why;
  }
}

TEST(ConnectionTracker, AFrameThatTheCaptureCutIsMissingBytes) {
  MadeConnection made = opened(Level::v5);
  made.say(Side::client, publish(Level::v5, 0, std::string(500, 'x')) + puback(0x83));
  MadeFrame& frame = made.frames[made.frames.size() - 2];
  Frame cut = frame.frame();
  cut.bytes.remove_suffix(400);
  SourceStatus status;
  ConnectionTracker tracker({}, status);
  EventList list;
  for (const MadeFrame& one : made.frames) tracker.see(&one == &frame ? cut : one.frame(), list);
  EXPECT_THAT(list.events, ElementsAre(kAccepted));
  EXPECT_EQ(status.missing_bytes, puback(0x83).size());
}

TEST(ConnectionTracker, KeepAliveProbesAndRetransmissionsAreNothing) {
  MadeConnection made = opened(Level::v5);
  made.say(Side::client, puback(0x83));
  const auto* next = made.next;
  made.add(Side::client, next[0] - 1, next[1], kAck, byte(0x20));                   // a probe with a byte
  made.add(Side::client, next[0] - 1, next[1], kAck, "");                           // and without
  made.add(Side::client, next[0] - 5, next[1], kAck, puback(0x83) + puback(0x97));  // partly new
  made.next[0] += 5;
  made.say(Side::client, puback(0x80));
  EXPECT_THAT(hear(made.frames).events,
              UnorderedElementsAre(kAccepted, "PUBACK received 5.0 0x83 explicit",
                                   "PUBACK received 5.0 0x97 explicit", "PUBACK received 5.0 0x80 explicit"));
}

TEST(ConnectionTracker, AtTheEndOfARecordingEveryGapIsGivenUp) {
  MadeConnection made = opened(Level::v5);
  std::vector<MadeFrame> later;
  for (int i = 0; i < 3; ++i) {
    made.next[1] += 100;  // not seen
    made.send(Side::broker, kAck, puback(0x87) + puback(0x97));
    later.insert(later.begin(), made.frames.back());  // the last comes first
    made.frames.pop_back();
  }
  made.frames.insert(made.frames.end(), later.begin(), later.end());
  const Heard heard = hear(made.frames);
  EXPECT_EQ(heard.events.size(), 1U + 6U);
  EXPECT_EQ(heard.status.missing_bytes, 300U);
}

TEST(ConnectionTracker, APortThatIsUsedAgainUnseenIsKnownByItsConnect) {
  MadeConnection made = opened(Level::v5);
  made.next[0] += 500'000'000;
  made.next[1] += 700'000'000;
  made.say(Side::client, connect(Level::v3_1_1)).say(Side::broker, connack(Level::v3_1_1));
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events, UnorderedElementsAre(kAccepted, "CONNACK sent 3.1.1 0x00 explicit"));
  EXPECT_EQ(heard.status.connections, 1U);
}

TEST(ConnectionTracker, ABrokerThatAnswersTwiceIsHeardWhicheverAnswerHolds) {
  for (const std::uint32_t apart : {700'000'000U, 0U - 700'000'000U}) {
    for (const std::size_t taken : {0U, 1U}) {
      MadeConnection made;
      made.open_answered_twice(apart, taken);
      made.say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5)).close(Side::client);
      const Heard heard = hear(made.frames);
      EXPECT_THAT(heard.events, UnorderedElementsAre(kAccepted, "close 5.0 connection_closed client"))
          << apart << " apart, number " << taken;
      EXPECT_EQ(heard.status.missing_bytes, 0U);
      EXPECT_EQ(heard.status.resynchronisations, 0U);
      EXPECT_EQ(heard.status.connections_mqtt, 1U);
    }
  }
}

TEST(ConnectionTracker, AfterTheAnswerOfAnOlderConnectionTheBrokerIsHeard) {
  MadeConnection made;
  made.send(Side::client, kSyn);
  made.add(Side::broker, made.next[1] + 600'000'000, made.next[0] - 500'000'000, kAck, {});
  made.send(Side::broker, kSyn | kAck);
  made.send(Side::client, kAck);
  made.say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5)).close(Side::client);
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events, UnorderedElementsAre(kAccepted, "close 5.0 connection_closed client"));
  EXPECT_EQ(heard.status.resynchronisations, 0U);
}

TEST(ConnectionTracker, NumbersThatAClientMakesUpHideNoCode) {
  MadeConnection made;
  made.open();
  for (const std::uint32_t wrong : {700'000'000U, 0U - 700'000'000U}) {
    made.add(Side::client, made.next[0] + wrong, made.next[1] + wrong, kAck, "x");
    made.add(Side::client, made.next[0], made.next[1] + wrong, kAck, {});
    made.add(Side::broker, made.next[1] + wrong, 0, kRst, {});  // what its kernel may say to that
  }
  made.say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5)).close(Side::client);
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events, ElementsAre(kAccepted));
  EXPECT_EQ(heard.status.ends_unknown, 1U) << "it acknowledged what nobody has seen, perhaps a reason";
}

TEST(ConnectionTracker, OfAJoinedConnectionTheEndIsTold) {
  MadeConnection made;
  made.say(Side::client, publish(Level::v3_1_1, 1, "23.5") + publish(Level::v3_1_1, 1, "23.5"));
  made.say(Side::broker, hex("4002 0007"));
  const Heard heard = hear(made.close(Side::client).frames);
  EXPECT_EQ(heard.events.size(), 1U);
  EXPECT_EQ(heard.status.connections_joined, 1U);
  EXPECT_EQ(heard.status.connections_mqtt, 1U);
}

}  // namespace
}  // namespace mre
