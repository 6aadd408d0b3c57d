// SPDX-License-Identifier: Apache-2.0
// Missing, duplicate and late bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/capture/frame_builder.h"

namespace mre {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(TcpReassembler, AMissingPayloadLosesNoEvents) {
  ConnectionBuilder made = opened(Level::v5);
  const std::size_t before = made.frames.size();
  made.write(Side::client, publish(Level::v5, 1, std::string(6000, 'x')), 1000)
      .write(Side::broker, puback(0x97));
  made.frames.erase(made.frames.begin() + static_cast<std::ptrdiff_t>(before) + 2,
                    made.frames.begin() + static_cast<std::ptrdiff_t>(before) + 9);
  made.write(Side::client, puback(0x83)).close(Side::client);
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events, UnorderedElementsAre(kAccepted, "PUBACK sent 5.0 0x97 explicit",
                                                   "PUBACK received 5.0 0x83 explicit",
                                                   "close 5.0 connection_closed client"));
  EXPECT_EQ(tracked.status.missing_bytes, 0U);
}

TEST(TcpReassembler, ResynchronisesAfterAGap) {
  ConnectionBuilder made = opened(Level::v5);
  const std::size_t lost = made.frames.size();
  made.write(Side::broker, suback(Level::v5, hex("87")));
  made.frames.erase(made.frames.begin() + static_cast<std::ptrdiff_t>(lost));
  made.write(Side::broker, suback(Level::v5, hex("0187"))).close(Side::client);
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events,
              UnorderedElementsAre(kAccepted, "SUBACK sent 5.0 0x01 explicit",
                                   "SUBACK sent 5.0 0x87 explicit", "close 5.0 connection_closed client"));
  EXPECT_EQ(tracked.status.missing_bytes, suback(Level::v5, hex("87")).size());
  EXPECT_EQ(tracked.status.resynchronisations, 1U);
}

TEST(TcpReassembler, AcceptsLateSegmentsOfAnOffloadingCard) {
  constexpr std::size_t kSegment = 65483;  // the maximum of IPv4
  ConnectionBuilder made = opened(Level::v5);
  const std::string said = publish(Level::v5, 0, std::string(3 * kSegment, 'x')) + puback(0x83);
  const auto begin = static_cast<std::ptrdiff_t>(made.frames.size());
  made.write(Side::client, said, kSegment, false).write(Side::broker, puback(0x10), 100, false);
  for (int i = 0; i < 14; ++i) made.write(Side::broker, puback(0x10), 100, false);
  made.close(Side::client);
  // The first two segments, 131 kB, come after all that follows, of both sides.
  std::rotate(made.frames.begin() + begin, made.frames.begin() + begin + 2, made.frames.begin() + begin + 14);
  const Tracked tracked = track(made.frames);
  EXPECT_EQ(tracked.status.missing_bytes, 0U);
  EXPECT_EQ(tracked.status.resynchronisations, 0U);
  EXPECT_THAT(tracked.events, testing::Contains("PUBACK received 5.0 0x83 explicit"));
  EXPECT_EQ(tracked.events.size(), 1U + 15U + 1U + 1U);
}

TEST(TcpReassembler, ResynchronisesAfterALargeMessageWithoutItsStart) {
  ConnectionBuilder made = opened(Level::v5);
  const auto lost = static_cast<std::ptrdiff_t>(made.frames.size());
  made.write(Side::client, publish(Level::v5, 0, std::string(3U << 20U, 'x')));
  made.frames.erase(made.frames.begin() + lost);
  made.write(Side::client, puback(0x83) + puback(0x97));
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events, UnorderedElementsAre(kAccepted, "PUBACK received 5.0 0x83 explicit",
                                                   "PUBACK received 5.0 0x97 explicit"));
  EXPECT_EQ(tracked.status.directions_given_up, 0U);
}

TEST(TcpReassembler, AMissingPacketMakesTheEndUnknown) {
  ConnectionBuilder made = opened(Level::v5);
  const std::size_t lost = made.frames.size();
  made.write(Side::client, disconnect()).close(Side::client);
  made.frames.erase(made.frames.begin() + static_cast<std::ptrdiff_t>(lost));
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events, ElementsAre(kAccepted));
  EXPECT_EQ(tracked.status.ends_unknown, 1U);
}

TEST(TcpReassembler, GivesUpAGapAfterItsTimeLimit) {
  struct Case {
    const char* why;
    bool acknowledged;
    std::int64_t not_yet_us;
    std::int64_t then_us;
  };
  for (const Case& c : {Case{"the broker has acknowledged all bytes", true, kSecond / 2, 2 * kSecond},
                        Case{"a capture of one direction", false, 9 * kSecond, 11 * kSecond}}) {
    SourceStatus status;
    ConnectionTracker tracker({}, status);
    EventTexts list;
    ConnectionBuilder made = opened(Level::v5);
    made.next[0] += 500;  // not captured
    made.write(Side::client, puback(0x83) + puback(0x97), 100, c.acknowledged);
    for (const BuiltFrame& frame : made.frames) {
      const bool seen = c.acknowledged || frame.sender == Side::client;
      if (seen) tracker.process(frame.frame(), list);
    }
    const std::size_t before = list.texts.size();
    tracker.advance_time(made.now_us + c.not_yet_us, list);
    EXPECT_EQ(list.texts.size(), before) << c.why;
    tracker.advance_time(made.now_us + c.then_us, list);
    EXPECT_EQ(list.texts.size(), before + 2) << c.why;
    EXPECT_EQ(status.missing_bytes, 500U) << c.why;
  }
}

TEST(TcpReassembler, ATruncatedFrameCountsAsMissingBytes) {
  ConnectionBuilder made = opened(Level::v5);
  made.write(Side::client, publish(Level::v5, 0, std::string(500, 'x')) + puback(0x83));
  BuiltFrame& frame = made.frames[made.frames.size() - 2];
  Frame cut = frame.frame();
  cut.bytes.remove_suffix(400);
  SourceStatus status;
  ConnectionTracker tracker({}, status);
  EventTexts list;
  for (const BuiltFrame& one : made.frames) tracker.process(&one == &frame ? cut : one.frame(), list);
  EXPECT_THAT(list.texts, ElementsAre(kAccepted));
  EXPECT_EQ(status.missing_bytes, puback(0x83).size());
}

TEST(TcpReassembler, IgnoresKeepAliveProbesAndRetransmissions) {
  ConnectionBuilder made = opened(Level::v5);
  made.write(Side::client, puback(0x83));
  const auto* next = made.next;
  made.add(Side::client, next[0] - 1, next[1], kAck, byte(0x20));                   // a probe with one byte
  made.add(Side::client, next[0] - 1, next[1], kAck, "");                           // a probe without bytes
  made.add(Side::client, next[0] - 5, next[1], kAck, puback(0x83) + puback(0x97));  // partly new
  made.next[0] += 5;
  made.write(Side::client, puback(0x80));
  EXPECT_THAT(track(made.frames).events,
              UnorderedElementsAre(kAccepted, "PUBACK received 5.0 0x83 explicit",
                                   "PUBACK received 5.0 0x97 explicit", "PUBACK received 5.0 0x80 explicit"));
}

TEST(TcpReassembler, GivesUpEveryGapAtTheEndOfARecording) {
  ConnectionBuilder made = opened(Level::v5);
  std::vector<BuiltFrame> later;
  for (int i = 0; i < 3; ++i) {
    made.next[1] += 100;  // not captured
    made.send(Side::broker, kAck, puback(0x87) + puback(0x97));
    later.insert(later.begin(), made.frames.back());  // in reverse order
    made.frames.pop_back();
  }
  made.frames.insert(made.frames.end(), later.begin(), later.end());
  const Tracked tracked = track(made.frames);
  EXPECT_EQ(tracked.events.size(), 1U + 6U);
  EXPECT_EQ(tracked.status.missing_bytes, 300U);
}

TEST(TcpReassembler, RecognisesAReusedPortByItsConnect) {
  ConnectionBuilder made = opened(Level::v5);
  made.next[0] += 500'000'000;
  made.next[1] += 700'000'000;
  made.write(Side::client, connect(Level::v3_1_1)).write(Side::broker, connack(Level::v3_1_1));
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events, UnorderedElementsAre(kAccepted, "CONNACK sent 3.1.1 0x00 explicit"));
  EXPECT_EQ(tracked.status.connections, 1U);
}

TEST(TcpReassembler, AcceptsEitherOfTwoSynAcks) {
  for (const std::uint32_t apart : {700'000'000U, 0U - 700'000'000U}) {
    for (const std::size_t accepted : {0U, 1U}) {
      ConnectionBuilder made;
      made.open_answered_twice(apart, accepted);
      made.write(Side::client, connect(Level::v5))
          .write(Side::broker, connack(Level::v5))
          .close(Side::client);
      const Tracked tracked = track(made.frames);
      EXPECT_THAT(tracked.events, UnorderedElementsAre(kAccepted, "close 5.0 connection_closed client"))
          << apart << " apart, number " << accepted;
      EXPECT_EQ(tracked.status.missing_bytes, 0U);
      EXPECT_EQ(tracked.status.resynchronisations, 0U);
      EXPECT_EQ(tracked.status.connections_mqtt, 1U);
    }
  }
}

TEST(TcpReassembler, IgnoresAnAnswerOfAnOlderConnection) {
  ConnectionBuilder made;
  made.send(Side::client, kSyn);
  made.add(Side::broker, made.next[1] + 600'000'000, made.next[0] - 500'000'000, kAck, {});
  made.send(Side::broker, kSyn | kAck);
  made.send(Side::client, kAck);
  made.write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5)).close(Side::client);
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events, UnorderedElementsAre(kAccepted, "close 5.0 connection_closed client"));
  EXPECT_EQ(tracked.status.resynchronisations, 0U);
}

TEST(TcpReassembler, ForgedSequenceNumbersHideNoCode) {
  ConnectionBuilder made;
  made.open();
  for (const std::uint32_t wrong : {700'000'000U, 0U - 700'000'000U}) {
    made.add(Side::client, made.next[0] + wrong, made.next[1] + wrong, kAck, "x");
    made.add(Side::client, made.next[0], made.next[1] + wrong, kAck, {});
    made.add(Side::broker, made.next[1] + wrong, 0, kRst, {});  // the possible answer of the kernel
  }
  made.write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5)).close(Side::client);
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events, ElementsAre(kAccepted));
  EXPECT_EQ(tracked.status.ends_unknown, 1U)
      << "the client acknowledged bytes that were not captured, which may hold a reason";
}

TEST(TcpReassembler, EmitsTheEndOfAJoinedConnection) {
  ConnectionBuilder made;
  made.write(Side::client, publish(Level::v3_1_1, 1, "23.5") + publish(Level::v3_1_1, 1, "23.5"));
  made.write(Side::broker, hex("4002 0007"));
  const Tracked tracked = track(made.close(Side::client).frames);
  EXPECT_EQ(tracked.events.size(), 1U);
  EXPECT_EQ(tracked.status.connections_joined, 1U);
  EXPECT_EQ(tracked.status.connections_mqtt, 1U);
}

}  // namespace
}  // namespace mre
