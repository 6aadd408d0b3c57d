// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/connection/connection_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capture/frame_builder.h"

namespace mre {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(ConnectionTracker, EmitsTheReasonCodesOfAConnection) {
  ConnectionBuilder made = opened(Level::v5);
  made.write(Side::client, subscribe(Level::v5)).write(Side::broker, suback(Level::v5, hex("0187")));
  made.write(Side::client, publish(Level::v5, 1, "x")).write(Side::broker, puback(0x10));
  made.write(Side::client, disconnect(0x04)).close(Side::client);
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events, UnorderedElementsAre(
                                  kAccepted, "SUBACK sent 5.0 0x01 explicit", "SUBACK sent 5.0 0x87 explicit",
                                  "PUBACK sent 5.0 0x10 explicit", "DISCONNECT received 5.0 0x04 explicit"));
  EXPECT_EQ(tracked.status.frames, made.frames.size());
  EXPECT_EQ(tracked.status.connections, 0U);
  EXPECT_EQ(tracked.status.connections_mqtt, 1U);
  EXPECT_EQ(tracked.status.connections_joined, 0U);
  EXPECT_EQ(tracked.status.missing_bytes, 0U);
}

TEST(ConnectionTracker, NamesTheConnectionOfAnEvent) {
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
  ConnectionBuilder made = opened(Level::v5);
  made.reset(Side::client);  // emitted after the grace period
  for (const BuiltFrame& frame : made.frames) tracker.process(frame.frame(), sink);
  tracker.finish(sink);
  constexpr const char* kPeers = "192.0.2.7:50000 > 192.0.2.1:1883";
  EXPECT_THAT(sink.seen, ElementsAre(kPeers, kPeers));
  EXPECT_EQ(tracker.peers(), "");
}

TEST(ConnectionTracker, SegmentBoundariesDoNotMatter) {
  const std::string said = connect(Level::v5) + subscribe(Level::v5) + puback(0x83) + disconnect(0x82);
  const std::string answer = connack(Level::v5) + suback(Level::v5, hex("0287")) + disconnect(0x8D);
  const auto with_cuts = [&](std::size_t client_cut, std::size_t broker_cut) {
    ConnectionBuilder made;
    made.open();
    made.write(Side::client, said.substr(0, client_cut)).write(Side::client, said.substr(client_cut));
    made.write(Side::broker, answer.substr(0, broker_cut)).write(Side::broker, answer.substr(broker_cut));
    return track(made.close(Side::broker).frames).events;
  };
  const auto whole = with_cuts(said.size(), answer.size());
  EXPECT_EQ(whole.size(), 6U);
  for (std::size_t cut = 0; cut < said.size(); ++cut) EXPECT_EQ(with_cuts(cut, 1), whole) << cut;
  for (std::size_t cut = 0; cut < answer.size(); ++cut) EXPECT_EQ(with_cuts(1, cut), whole) << cut;
  ConnectionBuilder bytewise;
  bytewise.open().write(Side::client, said, 1).write(Side::broker, answer, 1).close(Side::broker);
  EXPECT_EQ(track(bytewise.frames).events, whole);
}

// What is spoken.

TEST(ConnectionTracker, TlsIsUnreadable) {
  ConnectionBuilder tls;
  tls.open().write(Side::client, hex("1603 0100 0501 0000 0103")).write(Side::broker, hex("1603 0300 0102"));
  Tracked tracked = track(tls.frames);
  EXPECT_THAT(tracked.events, IsEmpty());
  EXPECT_EQ(tracked.status.connections_tls, 1U);
  EXPECT_EQ(tracked.status.connections, 0U);
  EXPECT_TRUE(tracked.status.unreadable);

  ConnectionBuilder readable(50001);
  readable.open().write(Side::client, connect(Level::v5));
  tls.frames.insert(tls.frames.end(), readable.frames.begin(), readable.frames.end());
  tracked = track(tls.frames);
  EXPECT_FALSE(tracked.status.unreadable) << "something can be read";
}

TEST(ConnectionTracker, ReadsWebSocket) {
  ConnectionBuilder made;
  made.open().upgrade().write(Side::client, connect(Level::v5), 7).write(Side::broker, connack(Level::v5), 3);
  const std::size_t opened = made.frames.size();
  made.write(Side::client, pingreq());
  made.write(Side::broker, puback(0x10)).write(Side::broker, puback(0x87)).close(Side::broker);
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events,
              UnorderedElementsAre(kAccepted, "PUBACK sent 5.0 0x10 explicit",
                                   "PUBACK sent 5.0 0x87 explicit", "close 5.0 connection_closed broker"));
  EXPECT_EQ(tracked.status.connections_websocket, 1U);
  EXPECT_EQ(tracked.status.connections_mqtt, 0U);

  made.frames.erase(made.frames.begin(), made.frames.begin() + static_cast<std::ptrdiff_t>(opened));
  const Tracked joined = track(made.frames);
  EXPECT_THAT(joined.events, testing::Contains("PUBACK sent 5.0 0x87 explicit")) << "joined later";
  EXPECT_EQ(joined.status.connections_joined, 1U);
}

TEST(ConnectionTracker, OtherProtocolsAreCountedOnce) {
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
    ConnectionBuilder made;
    made.open().write(Side::client, c.said).write(Side::broker, c.answer).close(Side::broker);
    const Tracked tracked = track(made.frames);
    EXPECT_THAT(tracked.events, IsEmpty()) << c.why;
    EXPECT_EQ(tracked.status.connections_other, 1U) << c.why;
    EXPECT_EQ(tracked.status.connections, 0U) << c.why;
  }
}

TEST(ConnectionTracker, OtherPortsAndAddressesAreNotFollowed) {
  const ConnectionBuilder made = opened(Level::v5);
  CaptureOptions options;
  options.ports = {1884};
  EXPECT_THAT(track(made.frames, options).events, IsEmpty());
  options.ports = {1884, 1883};
  options.addresses = {"192.0.2.2"};
  EXPECT_THAT(track(made.frames, options).events, IsEmpty());
  options.addresses = {"192.0.2.1"};
  EXPECT_THAT(track(made.frames, options).events, ElementsAre(kAccepted));
}

TEST(ConnectionTracker, WithoutConfiguredPortsABrokerIsRecognisedByItsClients) {
  CaptureOptions any;
  any.ports.clear();
  ConnectionBuilder open_before(50001);  // its broker's port is learnt from the other
  open_before.broker.port = 21110;
  open_before.write(Side::client, pingreq()).write(Side::broker, puback(0x10) + puback(0x87));
  ConnectionBuilder made;
  made.broker.port = 21110;
  made.open().write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5));
  EXPECT_THAT(track(open_before.frames, any).events, IsEmpty());
  made.frames.insert(made.frames.end(), open_before.frames.begin(), open_before.frames.end());
  EXPECT_THAT(track(made.frames, any).events, UnorderedElementsAre(kAccepted, "PUBACK sent 5.0 0x10 explicit",
                                                                   "PUBACK sent 5.0 0x87 explicit"));
}

TEST(ConnectionTracker, WithoutConfiguredPorts1883IsKnown) {
  CaptureOptions any;
  any.ports.clear();
  ConnectionBuilder open_before;  // no CONNECT is in the capture
  open_before.write(Side::client, pingreq()).write(Side::broker, puback(0x10) + puback(0x87));
  EXPECT_THAT(track(open_before.frames, any).events,
              UnorderedElementsAre("PUBACK sent 5.0 0x10 explicit", "PUBACK sent 5.0 0x87 explicit"));
}

TEST(ConnectionTracker, TheAnswerOfTheBrokerDecidesTheVersion) {
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
    ConnectionBuilder made;
    made.open().write(Side::client, c.asked).write(Side::broker, c.answered);
    made.write(Side::client, c.later).write(Side::broker, c.end);
    EXPECT_THAT(track(made.frames).events, testing::UnorderedElementsAreArray(c.events)) << c.why;
  }
}

TEST(ConnectionTracker, AConnectionSeenAgainAfterAddressTranslationIsCountedOnce) {
  ConnectionBuilder made = opened(Level::v5);
  made.write(Side::broker, puback(0x87)).close(Side::client);
  ConnectionBuilder copy;
  copy.broker = endpoint("172.17.0.2", 1883);
  copy.open().write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5));
  copy.write(Side::broker, puback(0x87)).close(Side::client);
  std::vector<BuiltFrame> frames;
  for (std::size_t i = 0; i < made.frames.size(); ++i) {
    frames.push_back(made.frames[i]);
    frames.push_back(copy.frames[i]);
  }
  const Tracked tracked = track(frames);
  EXPECT_EQ(tracked.events, track(made.frames).events);
  EXPECT_EQ(tracked.status.connections_mirrored, 1U);
}

// Bounds.

TEST(ConnectionTracker, EvictsTheConnectionThatWasSilentForLongest) {
  CaptureOptions options;
  options.max_connections = 2;
  std::vector<BuiltFrame> frames;
  std::int64_t now = 0;
  for (std::uint16_t port = 50000; port < 50003; ++port) {
    ConnectionBuilder made(port);
    made.now_us += now;
    made.open().write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5));
    frames.insert(frames.end(), made.frames.begin(), made.frames.end());
    now += 2 * kSecond;
  }
  const Tracked tracked = track(frames, options);
  EXPECT_EQ(tracked.events.size(), 3U);
  EXPECT_EQ(tracked.status.connections, 2U);
  EXPECT_EQ(tracked.status.connections_evicted, 1U);
}

TEST(ConnectionTracker, HalfOpenConnectionsEvictNoOpenOne) {
  std::vector<BuiltFrame> frames = opened(Level::v5).frames;
  CaptureOptions options;
  options.max_connections = 256;
  for (std::uint16_t port = 1; port < 2000; ++port) {
    ConnectionBuilder knock(port);
    knock.send(Side::client, kSyn);
    frames.push_back(knock.frames[0]);
  }
  const Tracked tracked = track(frames, options);
  EXPECT_EQ(tracked.status.connections, 1U);
  EXPECT_EQ(tracked.status.connections_evicted, 0U);
}

TEST(ConnectionTracker, ForgetsIdleConnections) {
  SourceStatus status;
  CaptureOptions options;
  options.idle_timeout = std::chrono::seconds(100);
  ConnectionTracker tracker(options, status);
  EventTexts list;
  const ConnectionBuilder made = opened(Level::v5);
  for (const BuiltFrame& frame : made.frames) tracker.process(frame.frame(), list);
  tracker.advance_time(made.now_us + 99 * kSecond, list);
  EXPECT_EQ(status.connections, 1U);
  tracker.advance_time(made.now_us + 101 * kSecond, list);
  EXPECT_EQ(status.connections, 0U);
  EXPECT_EQ(status.connections_expired, 1U);
  EXPECT_THAT(list.texts, ElementsAre(kAccepted));
}

TEST(ConnectionTracker, GivesUpALateDirectionThatIsNeverInSync) {
  ConnectionBuilder made;
  for (int i = 0; i < 100; ++i) made.write(Side::client, std::string(100, '\xFF'));
  const Tracked tracked = track(made.frames);
  EXPECT_THAT(tracked.events, IsEmpty());
  EXPECT_EQ(tracked.status.directions_given_up, 1U);
}

}  // namespace
}  // namespace mre
