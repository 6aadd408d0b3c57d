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
