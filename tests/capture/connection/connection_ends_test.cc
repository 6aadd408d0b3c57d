// SPDX-License-Identifier: Apache-2.0
// Only ends without a reason in a packet are events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capture/frame_builder.h"

namespace mre {
namespace {

using namespace test;
using testing::ElementsAre;

struct End {
  const char* why;
  ConnectionBuilder made;
  std::vector<std::string> closes;
};

std::vector<End> ends() {
  const std::string by_client = "close 5.0 connection_closed client";
  const std::string by_broker = "close 5.0 connection_closed broker";
  ConnectionBuilder refused;
  refused.open().write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5, 0x87));
  ConnectionBuilder unread;  // without any MQTT
  unread.open().close(Side::client);
  ConnectionBuilder fins_cross = opened(Level::v5);
  const auto* next = fins_cross.next;
  fins_cross.add(Side::client, next[0], next[1] + 1, kFin | kAck, "");  // reordered by the capture
  fins_cross.add(Side::broker, next[1], next[0], kFin | kAck, "");
  ConnectionBuilder late_reason = opened(Level::v5);
  late_reason.reset(Side::client).write(Side::broker, disconnect(0x8B), 100, false);
  ConnectionBuilder silent = opened(Level::v3_1_1, 2);
  silent.write(Side::client, pingreq()).pause(3 * kSecond);
  ConnectionBuilder not_silent = opened(Level::v3_1_1, 2);
  not_silent.pause(2 * kSecond).write(Side::client, pingreq()).pause(19 * kSecond / 10);
  ConnectionBuilder no_keep_alive = opened(Level::v3_1_1, 0);
  no_keep_alive.pause(100 * kSecond);
  ConnectionBuilder reused = opened(Level::v5);
  reused.reset(Side::client);
  reused.next[0] = 777'000;
  reused.next[1] = 888'000;
  reused.open().write(Side::client, connect(Level::v3_1_1)).write(Side::broker, connack(Level::v3_1_1));
  reused.close(Side::broker);
  const std::string timed_out = "close 3.1.1 keep_alive_timeout broker";
  return {
      {"the client closes", opened(Level::v5).close(Side::client), {by_client}},
      {"the broker closes", opened(Level::v5).close(Side::broker), {by_broker}},
      {"the client resets", opened(Level::v5).reset(Side::client), {by_client}},
      {"the broker resets", opened(Level::v5).reset(Side::broker), {by_broker}},
      {"a reset in answer to a FIN", opened(Level::v5).fin(Side::client).reset(Side::broker), {by_client}},
      {"a FIN that is never answered", opened(Level::v5).fin(Side::broker), {by_broker}},
      {"FINs out of order", fins_cross, {by_broker}},
      {"after the client's DISCONNECT",
       opened(Level::v5).write(Side::client, disconnect()).close(Side::broker),
       {}},
      {"after the DISCONNECT of MQTT 3.1.1, which has no code",
       opened(Level::v3_1_1).write(Side::client, disconnect()).close(Side::client),
       {"close 3.1.1 normal_disconnection client"}},
      {"after the broker's DISCONNECT",
       opened(Level::v5).write(Side::broker, disconnect(0x8E)).close(Side::broker),
       {}},
      {"after a refusal", refused.close(Side::broker), {}},
      {"a DISCONNECT that crosses a reset", late_reason, {}},
      {"no MQTT", unread, {}},
      {"open at the end of the recording", opened(Level::v5), {}},
      {"the keep-alive has passed", silent.close(Side::broker), {timed_out}},
      {"the keep-alive has passed, and the broker resets",
       opened(Level::v3_1_1, 2).pause(3 * kSecond).reset(Side::broker),
       {timed_out}},
      {"the keep-alive has passed, but the client closes",
       opened(Level::v3_1_1, 2).pause(9 * kSecond).close(Side::client),
       {"close 3.1.1 connection_closed client"}},
      {"a broker that counts whole seconds is up to one second early",
       opened(Level::v3_1_1, 60).pause(89 * kSecond).close(Side::broker),
       {timed_out}},
      {"but not two seconds",
       opened(Level::v3_1_1, 60).pause(88 * kSecond).close(Side::broker),
       {"close 3.1.1 connection_closed broker"}},
      {"a keep-alive of one second is never shortened",
       opened(Level::v3_1_1, 1).pause(9 * kSecond / 10).close(Side::broker),
       {"close 3.1.1 connection_closed broker"}},
      {"a PINGREQ came in time", not_silent.close(Side::broker), {"close 3.1.1 connection_closed broker"}},
      {"no keep-alive", no_keep_alive.close(Side::broker), {"close 3.1.1 connection_closed broker"}},
      {"the port is used again", reused, {by_client, "close 3.1.1 connection_closed broker"}},
  };
}

std::vector<std::string> closes_of(const Tracked& tracked) {
  std::vector<std::string> closes;
  for (const std::string& event : tracked.events) {
    if (event.starts_with("close ")) closes.push_back(event);
  }
  return closes;
}

TEST(ConnectionEnds, EmitsEndsWithoutAReason) {
  for (const End& end : ends()) {
    const Tracked tracked = track(end.made.frames);
    EXPECT_THAT(closes_of(tracked), testing::UnorderedElementsAreArray(end.closes)) << end.why;
    EXPECT_EQ(tracked.status.ends_unknown, 0U) << end.why;
    auto twice = end.made.frames;  // a duplicate gives no second event
    twice.insert(twice.end(), end.made.frames.end() - 1, end.made.frames.end());
    EXPECT_EQ(track(twice).events, tracked.events) << end.why;
  }
}

/// Ends before any MQTT: only the certain ones are events.
TEST(ConnectionEnds, EmitsEndsBeforeConnect) {
  const std::string hello = hex("1603 0100 0501 0000 0103");
  const std::string answer = hex("1603 0300 0402 0000 00");
  const std::string alert = hex("1503 0300 0202 28");
  const std::string encrypted = hex("1703 0300 1300 1122 3344 5566 7788 99AA BBCC DDEE FF00 1122");
  const std::string tls_broker = "close unknown tls_error broker";
  const std::string tls_client = "close unknown tls_error client";
  const auto made = [] {
    ConnectionBuilder one;
    one.open();
    return one;
  };
  ConnectionBuilder closed_port;
  closed_port.send(Side::client, kSyn);
  closed_port.add(Side::broker, 0, closed_port.next[0], kRst | kAck, "");
  const End table[] = {
      {"the broker refuses the handshake",
       made().write(Side::client, hello).write(Side::broker, alert).close(Side::broker),
       {tls_broker}},
      {"the client does not trust the broker",
       made()
           .write(Side::client, hello)
           .write(Side::broker, answer)
           .write(Side::client, alert)
           .close(Side::client),
       {tls_client}},
      {"both sides send an alert",
       made().write(Side::client, hello).write(Side::broker, alert).write(Side::client, alert),
       {tls_broker}},
      {"an alert that is encrypted",
       made()
           .write(Side::client, hello)
           .write(Side::broker, answer)
           .write(Side::client, encrypted)
           .close(Side::client),
       {}},
      {"a close_notify",
       made()
           .write(Side::client, hello)
           .write(Side::broker, answer)
           .write(Side::client, hex("1503 0300 0201 00")),
       {}},
      {"TLS where the broker speaks none",
       made().write(Side::client, hello).close(Side::broker),
       {tls_broker}},
      {"TLS where the broker speaks none, with a reset",
       made().write(Side::client, hello).reset(Side::broker),
       {tls_broker}},
      {"TLS, and the client closes", made().write(Side::client, hello).close(Side::client), {}},
      {"a port scan", made().close(Side::client), {}},
      {"the broker times out without a CONNECT",
       made().pause(30 * kSecond).close(Side::broker),
       {"close unknown connection_closed broker"}},
      {"the broker is full", made().reset(Side::broker), {"close unknown connection_closed broker"}},
      {"a closed port", closed_port, {}},
      {"SSH", made().write(Side::client, "SSH-2.0-x\r\n").close(Side::broker), {}},
      {"half a CONNECT", made().write(Side::client, connect(Level::v5).substr(0, 9)).close(Side::broker), {}},
  };
  for (const End& end : table) {
    EXPECT_THAT(closes_of(track(end.made.frames)), testing::ElementsAreArray(end.closes)) << end.why;
  }
  ConnectionBuilder joined;
  joined.write(Side::client, encrypted).write(Side::broker, alert);
  EXPECT_THAT(track(joined.frames).events, testing::IsEmpty()) << "the start of the connection is missing";
}

TEST(ConnectionEnds, EmitsAnEndWithoutFurtherFrames) {
  SourceStatus status;
  ConnectionTracker tracker({}, status);
  EventTexts list;
  const ConnectionBuilder made = opened(Level::v5).reset(Side::broker);
  for (const BuiltFrame& frame : made.frames) tracker.process(frame.frame(), list);
  EXPECT_THAT(list.texts, ElementsAre(kAccepted));
  tracker.advance_time(made.now_us + 3 * kSecond, list);
  EXPECT_THAT(list.texts, ElementsAre(kAccepted, "close 5.0 connection_closed broker"));
}

}  // namespace
}  // namespace mre
