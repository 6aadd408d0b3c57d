// SPDX-License-Identifier: Apache-2.0
// Ends: only those of which no packet gave the reason are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capture/made_frames.h"

namespace mre {
namespace {

using namespace test;
using testing::ElementsAre;

constexpr std::int64_t kSecond = 1'000'000;
constexpr const char* kAccepted = "CONNACK sent 5.0 0x00 explicit";

struct End {
  const char* why;
  MadeConnection made;
  std::vector<std::string> closes;
};

std::vector<End> ends() {
  const std::string by_client = "close 5.0 connection_closed client";
  const std::string by_broker = "close 5.0 connection_closed broker";
  MadeConnection refused;
  refused.open().say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5, 0x87));
  MadeConnection unread;  // no MQTT was said
  unread.open().close(Side::client);
  MadeConnection fins_cross = opened(Level::v5);
  const auto* next = fins_cross.next;
  fins_cross.add(Side::client, next[0], next[1] + 1, kFin | kAck, "");  // the capture has the answer first
  fins_cross.add(Side::broker, next[1], next[0], kFin | kAck, "");
  MadeConnection late_reason = opened(Level::v5);
  late_reason.reset(Side::client).say(Side::broker, disconnect(0x8B), 100, false);
  MadeConnection silent = opened(Level::v3_1_1, 2);
  silent.say(Side::client, pingreq()).pause(3 * kSecond);
  MadeConnection not_silent = opened(Level::v3_1_1, 2);
  not_silent.pause(2 * kSecond).say(Side::client, pingreq()).pause(19 * kSecond / 10);
  MadeConnection no_keep_alive = opened(Level::v3_1_1, 0);
  no_keep_alive.pause(100 * kSecond);
  MadeConnection reused = opened(Level::v5);
  reused.reset(Side::client);
  reused.next[0] = 777'000;
  reused.next[1] = 888'000;
  reused.open().say(Side::client, connect(Level::v3_1_1)).say(Side::broker, connack(Level::v3_1_1));
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
       opened(Level::v5).say(Side::client, disconnect()).close(Side::broker),
       {}},
      {"after the DISCONNECT of MQTT 3.1.1, which has no code",
       opened(Level::v3_1_1).say(Side::client, disconnect()).close(Side::client),
       {"close 3.1.1 normal_disconnection client"}},
      {"after the broker's DISCONNECT",
       opened(Level::v5).say(Side::broker, disconnect(0x8E)).close(Side::broker),
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
      {"a broker that counts whole seconds is up to one early",
       opened(Level::v3_1_1, 60).pause(89 * kSecond).close(Side::broker),
       {timed_out}},
      {"but not two",
       opened(Level::v3_1_1, 60).pause(88 * kSecond).close(Side::broker),
       {"close 3.1.1 connection_closed broker"}},
      {"of a keep-alive of a second that leaves nothing less than itself",
       opened(Level::v3_1_1, 1).pause(9 * kSecond / 10).close(Side::broker),
       {"close 3.1.1 connection_closed broker"}},
      {"a PINGREQ came in time", not_silent.close(Side::broker), {"close 3.1.1 connection_closed broker"}},
      {"no keep-alive", no_keep_alive.close(Side::broker), {"close 3.1.1 connection_closed broker"}},
      {"the port is used again", reused, {by_client, "close 3.1.1 connection_closed broker"}},
  };
}

std::vector<std::string> closes_of(const Heard& heard) {
  std::vector<std::string> closes;
  for (const std::string& event : heard.events) {
    if (event.starts_with("close ")) closes.push_back(event);
  }
  return closes;
}

TEST(ConnectionTracker, TellsEndsWithoutAReason) {
  for (const End& end : ends()) {
    const Heard heard = hear(end.made.frames);
    EXPECT_THAT(closes_of(heard), testing::UnorderedElementsAreArray(end.closes)) << end.why;
    EXPECT_EQ(heard.status.ends_unknown, 0U) << end.why;
    auto twice = end.made.frames;  // what comes again ends nothing again
    twice.insert(twice.end(), end.made.frames.end() - 1, end.made.frames.end());
    EXPECT_EQ(hear(twice).events, heard.events) << end.why;
  }
}

/// Ends before any MQTT was said: only what is sure.
TEST(ConnectionTracker, TellsEndsBeforeConnect) {
  const std::string hello = hex("1603 0100 0501 0000 0103");
  const std::string answer = hex("1603 0300 0402 0000 00");
  const std::string alert = hex("1503 0300 0202 28");
  const std::string encrypted = hex("1703 0300 1300 1122 3344 5566 7788 99AA BBCC DDEE FF00 1122");
  const std::string tls_broker = "close unknown tls_error broker";
  const std::string tls_client = "close unknown tls_error client";
  const auto made = [] {
    MadeConnection one;
    one.open();
    return one;
  };
  MadeConnection closed_port;
  closed_port.send(Side::client, kSyn);
  closed_port.add(Side::broker, 0, closed_port.next[0], kRst | kAck, "");
  const End table[] = {
      {"the broker refuses the handshake",
       made().say(Side::client, hello).say(Side::broker, alert).close(Side::broker),
       {tls_broker}},
      {"the client does not trust the broker",
       made().say(Side::client, hello).say(Side::broker, answer).say(Side::client, alert).close(Side::client),
       {tls_client}},
      {"an alert of each",
       made().say(Side::client, hello).say(Side::broker, alert).say(Side::client, alert),
       {tls_broker}},
      {"an alert that is encrypted",
       made()
           .say(Side::client, hello)
           .say(Side::broker, answer)
           .say(Side::client, encrypted)
           .close(Side::client),
       {}},
      {"a goodbye",
       made().say(Side::client, hello).say(Side::broker, answer).say(Side::client, hex("1503 0300 0201 00")),
       {}},
      {"TLS where the broker speaks none", made().say(Side::client, hello).close(Side::broker), {tls_broker}},
      {"and resets", made().say(Side::client, hello).reset(Side::broker), {tls_broker}},
      {"TLS, and the client closes", made().say(Side::client, hello).close(Side::client), {}},
      {"a look whether the port is open", made().close(Side::client), {}},
      {"the broker waits for no CONNECT",
       made().pause(30 * kSecond).close(Side::broker),
       {"close unknown connection_closed broker"}},
      {"the broker has no room", made().reset(Side::broker), {"close unknown connection_closed broker"}},
      {"no broker", closed_port, {}},
      {"SSH", made().say(Side::client, "SSH-2.0-x\r\n").close(Side::broker), {}},
      {"half a CONNECT", made().say(Side::client, connect(Level::v5).substr(0, 9)).close(Side::broker), {}},
  };
  for (const End& end : table) {
    EXPECT_THAT(closes_of(hear(end.made.frames)), testing::ElementsAreArray(end.closes)) << end.why;
  }
  MadeConnection joined;
  joined.say(Side::client, encrypted).say(Side::broker, alert);
  EXPECT_THAT(hear(joined.frames).events, testing::IsEmpty())
      << "of a connection whose beginning was not seen";
}

TEST(ConnectionTracker, AnEndIsToldWhileNothingElsePasses) {
  SourceStatus status;
  ConnectionTracker tracker({}, status);
  EventList list;
  const MadeConnection made = opened(Level::v5).reset(Side::broker);
  for (const MadeFrame& frame : made.frames) tracker.see(frame.frame(), list);
  EXPECT_THAT(list.events, ElementsAre(kAccepted));
  tracker.pass_time(made.now_us + 3 * kSecond, list);
  EXPECT_THAT(list.events, ElementsAre(kAccepted, "close 5.0 connection_closed broker"));
}

}  // namespace
}  // namespace mre
