// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/connection/connection_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capture/made_frames.h"

namespace mre {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::int64_t kSecond = 1'000'000;

constexpr const char* kAccepted = "CONNACK sent 5.0 0x00 explicit";

TEST(ConnectionTracker, TellsWhatIsSaid) {
  MadeConnection made = opened(Level::v5);
  made.say(Side::client, subscribe(Level::v5)).say(Side::broker, suback(Level::v5, hex("0187")));
  made.say(Side::client, publish(Level::v5, 1, "x")).say(Side::broker, puback(0x10));
  made.say(Side::client, disconnect(0x04)).close(Side::client);
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events, UnorderedElementsAre(
                                kAccepted, "SUBACK sent 5.0 0x01 explicit", "SUBACK sent 5.0 0x87 explicit",
                                "PUBACK sent 5.0 0x10 explicit", "DISCONNECT received 5.0 0x04 explicit"));
  EXPECT_EQ(heard.status.frames, made.frames.size());
  EXPECT_EQ(heard.status.connections, 0U);
  EXPECT_EQ(heard.status.connections_mqtt, 1U);
  EXPECT_EQ(heard.status.connections_joined, 0U);
  EXPECT_EQ(heard.status.missing_bytes, 0U);
}

TEST(ConnectionTracker, TellsWhichConnectionItIs) {
  struct Peers final : EventSink {
    const ConnectionTracker* tracker = nullptr;
    std::vector<std::string> seen;
    void on_code(const ReasonEvent&) override { seen.push_back(tracker->peers()); }
    void on_close(const CloseEvent&) override { seen.push_back(tracker->peers()); }
    void on_denial(const DenialEvent&) override { seen.push_back(tracker->peers()); }
  } sink;
  SourceStatus status;
  ConnectionTracker tracker({}, status);
  sink.tracker = &tracker;
  MadeConnection made = opened(Level::v5);
  made.reset(Side::client);  // told later, when the broker has had its time to answer
  for (const MadeFrame& frame : made.frames) tracker.see(frame.frame(), sink);
  tracker.finish(sink);
  constexpr const char* kPeers = "192.0.2.7:50000 > 192.0.2.1:1883";
  EXPECT_THAT(sink.seen, ElementsAre(kPeers, kPeers));
  EXPECT_EQ(tracker.peers(), "");
}

TEST(ConnectionTracker, EveryCutIntoSegmentsSaysTheSame) {
  const std::string said = connect(Level::v5) + subscribe(Level::v5) + puback(0x83) + disconnect(0x82);
  const std::string answer = connack(Level::v5) + suback(Level::v5, hex("0287")) + disconnect(0x8D);
  const auto with_cuts = [&](std::size_t client_cut, std::size_t broker_cut) {
    MadeConnection made;
    made.open();
    made.say(Side::client, said.substr(0, client_cut)).say(Side::client, said.substr(client_cut));
    made.say(Side::broker, answer.substr(0, broker_cut)).say(Side::broker, answer.substr(broker_cut));
    return hear(made.close(Side::broker).frames).events;
  };
  const auto whole = with_cuts(said.size(), answer.size());
  EXPECT_EQ(whole.size(), 6U);
  for (std::size_t cut = 0; cut < said.size(); ++cut) EXPECT_EQ(with_cuts(cut, 1), whole) << cut;
  for (std::size_t cut = 0; cut < answer.size(); ++cut) EXPECT_EQ(with_cuts(1, cut), whole) << cut;
  MadeConnection bytewise;
  bytewise.open().say(Side::client, said, 1).say(Side::broker, answer, 1).close(Side::broker);
  EXPECT_EQ(hear(bytewise.frames).events, whole);
}

// What is spoken.

TEST(ConnectionTracker, TlsIsUnreadable) {
  MadeConnection tls;
  tls.open().say(Side::client, hex("1603 0100 0501 0000 0103")).say(Side::broker, hex("1603 0300 0102"));
  Heard heard = hear(tls.frames);
  EXPECT_THAT(heard.events, IsEmpty());
  EXPECT_EQ(heard.status.connections_tls, 1U);
  EXPECT_EQ(heard.status.connections, 0U);
  EXPECT_TRUE(heard.status.unreadable);

  MadeConnection readable(50001);
  readable.open().say(Side::client, connect(Level::v5));
  tls.frames.insert(tls.frames.end(), readable.frames.begin(), readable.frames.end());
  heard = hear(tls.frames);
  EXPECT_FALSE(heard.status.unreadable) << "something can be read";
}

TEST(ConnectionTracker, ReadsWebSocket) {
  MadeConnection made;
  made.open().upgrade().say(Side::client, connect(Level::v5), 7).say(Side::broker, connack(Level::v5), 3);
  const std::size_t opened = made.frames.size();
  made.say(Side::client, pingreq());
  made.say(Side::broker, puback(0x10)).say(Side::broker, puback(0x87)).close(Side::broker);
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events,
              UnorderedElementsAre(kAccepted, "PUBACK sent 5.0 0x10 explicit",
                                   "PUBACK sent 5.0 0x87 explicit", "close 5.0 connection_closed broker"));
  EXPECT_EQ(heard.status.connections_websocket, 1U);
  EXPECT_EQ(heard.status.connections_mqtt, 0U);

  made.frames.erase(made.frames.begin(), made.frames.begin() + static_cast<std::ptrdiff_t>(opened));
  const Heard joined = hear(made.frames);
  EXPECT_THAT(joined.events, testing::Contains("PUBACK sent 5.0 0x87 explicit")) << "joined later";
  EXPECT_EQ(joined.status.connections_joined, 1U);
}

TEST(ConnectionTracker, WhatIsNoMqttIsCountedOnce) {
  struct Case {
    const char* why;
    std::string said;
    std::string answer;
  };
  for (const Case& c :
       {Case{"SSH", "SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2\r\n"},
        Case{"HTTP", "POST / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"},
        Case{"a page is asked for", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n"},
        Case{"not answered", "hello\r\n", ""}}) {
    MadeConnection made;
    made.open().say(Side::client, c.said).say(Side::broker, c.answer).close(Side::broker);
    const Heard heard = hear(made.frames);
    EXPECT_THAT(heard.events, IsEmpty()) << c.why;
    EXPECT_EQ(heard.status.connections_other, 1U) << c.why;
    EXPECT_EQ(heard.status.connections, 0U) << c.why;
  }
}

TEST(ConnectionTracker, OtherPortsAndBrokersAreNotFollowed) {
  const MadeConnection made = opened(Level::v5);
  CaptureOptions options;
  options.ports = {1884};
  EXPECT_THAT(hear(made.frames, options).events, IsEmpty());
  options.ports = {1884, 1883};
  options.addresses = {"192.0.2.2"};
  EXPECT_THAT(hear(made.frames, options).events, IsEmpty());
  options.addresses = {"192.0.2.1"};
  EXPECT_THAT(hear(made.frames, options).events, ElementsAre(kAccepted));
}

TEST(ConnectionTracker, WithoutPortsABrokerIsKnownByItsClients) {
  CaptureOptions any;
  any.ports.clear();
  MadeConnection open_before(50001);  // its broker's port is learnt from the other
  open_before.broker.port = 21110;
  open_before.say(Side::client, pingreq()).say(Side::broker, puback(0x10) + puback(0x87));
  MadeConnection made;
  made.broker.port = 21110;
  made.open().say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5));
  EXPECT_THAT(hear(open_before.frames, any).events, IsEmpty());
  made.frames.insert(made.frames.end(), open_before.frames.begin(), open_before.frames.end());
  EXPECT_THAT(hear(made.frames, any).events, UnorderedElementsAre(kAccepted, "PUBACK sent 5.0 0x10 explicit",
                                                                  "PUBACK sent 5.0 0x87 explicit"));
}

TEST(ConnectionTracker, WithoutPortsMqttsOwnIsKnown) {
  CaptureOptions any;
  any.ports.clear();
  MadeConnection open_before;  // no CONNECT is in the capture
  open_before.say(Side::client, pingreq()).say(Side::broker, puback(0x10) + puback(0x87));
  EXPECT_THAT(hear(open_before.frames, any).events,
              UnorderedElementsAre("PUBACK sent 5.0 0x10 explicit", "PUBACK sent 5.0 0x87 explicit"));
}

TEST(ConnectionTracker, TheBrokersAnswerDecidesTheVersion) {
  struct Case {
    const char* why;
    std::string asked;
    std::string answered;
    std::string later;  // of the client
    std::string end;    // of the broker
    std::vector<std::string> events;
  };
  const std::string refused = hex("2002 0001");
  const Case cases[] = {
      {"a broker of 3.1.1 knows no 5.0",
       connect(Level::v5),
       refused,
       "",
       "",
       {"CONNACK sent 3.1.1 0x01 explicit"}},
      {"a broker of 5.0 knows no 3.1.1",
       connect(Level::v3_1_1),
       connack(Level::v5, 0x84),
       "",
       "",
       {"CONNACK sent 5.0 0x84 explicit"}},
      {"a second CONNECT changes nothing",
       connect(Level::v5),
       connack(Level::v5),
       connect(Level::v3_1_1),
       disconnect(0x82),
       {kAccepted, "DISCONNECT sent 5.0 0x82 explicit"}},
      {"nor does a CONNACK from the wrong side",
       connect(Level::v5),
       connack(Level::v5),
       hex("2002 0000"),
       disconnect(0x82),
       {kAccepted, "CONNACK received 5.0 0x00 explicit", "DISCONNECT sent 5.0 0x82 explicit"}},
  };
  for (const Case& c : cases) {
    MadeConnection made;
    made.open().say(Side::client, c.asked).say(Side::broker, c.answered);
    made.say(Side::client, c.later).say(Side::broker, c.end);
    EXPECT_THAT(hear(made.frames).events, testing::UnorderedElementsAreArray(c.events)) << c.why;
  }
}

TEST(ConnectionTracker, BehindATranslationOfAddressesItIsTheSameConnection) {
  MadeConnection made = opened(Level::v5);
  made.say(Side::broker, puback(0x87)).close(Side::client);
  MadeConnection copy;
  copy.broker = endpoint("172.17.0.2", 1883);
  copy.open().say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5));
  copy.say(Side::broker, puback(0x87)).close(Side::client);
  std::vector<MadeFrame> frames;
  for (std::size_t i = 0; i < made.frames.size(); ++i) {
    frames.push_back(made.frames[i]);
    frames.push_back(copy.frames[i]);
  }
  const Heard heard = hear(frames);
  EXPECT_EQ(heard.events, hear(made.frames).events);
  EXPECT_EQ(heard.status.connections_mirrored, 1U);
}

// Bounds.

TEST(ConnectionTracker, TheOneSilentForLongestMakesRoom) {
  CaptureOptions options;
  options.max_connections = 2;
  std::vector<MadeFrame> frames;
  std::int64_t now = 0;
  for (std::uint16_t port = 50000; port < 50003; ++port) {
    MadeConnection made(port);
    made.now_us += now;
    made.open().say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5));
    frames.insert(frames.end(), made.frames.begin(), made.frames.end());
    now += 2 * kSecond;
  }
  const Heard heard = hear(frames, options);
  EXPECT_EQ(heard.events.size(), 3U);
  EXPECT_EQ(heard.status.connections, 2U);
  EXPECT_EQ(heard.status.connections_evicted, 1U);
}

TEST(ConnectionTracker, StrangersWhoOnlyKnockTakeNobodysPlace) {
  std::vector<MadeFrame> frames = opened(Level::v5).frames;
  CaptureOptions options;
  options.max_connections = 256;
  for (std::uint16_t port = 1; port < 2000; ++port) {
    MadeConnection knock(port);
    knock.send(Side::client, kSyn);
    frames.push_back(knock.frames[0]);
  }
  const Heard heard = hear(frames, options);
  EXPECT_EQ(heard.status.connections, 1U);
  EXPECT_EQ(heard.status.connections_evicted, 0U);
}

TEST(ConnectionTracker, WhatIsSilentForTooLongIsForgotten) {
  SourceStatus status;
  CaptureOptions options;
  options.idle_timeout = std::chrono::seconds(100);
  ConnectionTracker tracker(options, status);
  EventList list;
  const MadeConnection made = opened(Level::v5);
  for (const MadeFrame& frame : made.frames) tracker.see(frame.frame(), list);
  tracker.pass_time(made.now_us + 99 * kSecond, list);
  EXPECT_EQ(status.connections, 1U);
  tracker.pass_time(made.now_us + 101 * kSecond, list);
  EXPECT_EQ(status.connections, 0U);
  EXPECT_EQ(status.connections_expired, 1U);
  EXPECT_THAT(list.events, ElementsAre(kAccepted));
}

TEST(ConnectionTracker, AJoinedDirectionThatNeverFitsIsGivenUp) {
  MadeConnection made;
  for (int i = 0; i < 100; ++i) made.say(Side::client, std::string(100, '\xFF'));
  const Heard heard = hear(made.frames);
  EXPECT_THAT(heard.events, IsEmpty());
  EXPECT_EQ(heard.status.directions_given_up, 1U);
}

}  // namespace
}  // namespace mre
