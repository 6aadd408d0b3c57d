// SPDX-License-Identifier: Apache-2.0
// What a client does to be overlooked, or to be taken for something else, while the broker hears it well; and
// what strangers do to be counted though no broker has said so. The lists of Suricata (stream events) and of
// Zeek (weird.log) are the model. SECURITY.md names this file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capture/made_frames.h"

namespace mre {
namespace {

using namespace test;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

constexpr std::int64_t kSecond = 1'000'000;
constexpr const char* kRefused = "CONNACK sent 5.0 0x87 explicit";
constexpr const char* kRequest = "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
constexpr const char* kAccepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
constexpr const char* kNotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nNone.";
const std::string kTlsHello = hex("1603 0100 0501 0000 0103");

MadeConnection handshake() {
  MadeConnection made;
  made.open();
  return made;
}

/// Bytes that the broker never gets, at the place of those that it gets.
MadeConnection& waste(MadeConnection& made, std::string_view bytes) {
  made.add(Side::client, made.next[0], made.next[1], kAck, bytes);
  return made;
}

MadeConnection& refuse(MadeConnection& made) {
  return made.say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5, 0x87));
}

MadeConnection& refuse_in_websocket(MadeConnection& made) { return refuse(made.upgrade()); }

struct Trick {
  const char* why;
  MadeConnection made;
  std::vector<std::string> events = {kRefused};
};

/// The client sends more than the broker reads.
std::vector<Trick> bytes_that_are_not_read() {
  MadeConnection urgent_hello = handshake();
  for (const char one : kTlsHello) urgent_hello.say_urgent(std::string_view(&one, 1));
  MadeConnection urgent_inside = handshake();
  const std::string said = connect(Level::v5);
  const std::string with_urgent = said.substr(0, 8) + 'X' + said.substr(8);
  urgent_inside.add(Side::client, urgent_inside.next[0], urgent_inside.next[1], kAck | kUrg, with_urgent, 9);
  urgent_inside.next[0] += static_cast<std::uint32_t>(with_urgent.size());
  urgent_inside.say(Side::broker, connack(Level::v5, 0x87));
  MadeConnection urgent_ahead = handshake();
  urgent_ahead.add(Side::client, urgent_ahead.next[0], urgent_ahead.next[1], kAck | kUrg, "", 1);
  urgent_ahead.say(Side::client, "G");
  MadeConnection urgent_late = handshake();
  urgent_late.say(Side::client, said.substr(0, 4));
  urgent_late.say_urgent("\x16")
      .say(Side::client, said.substr(4))
      .say(Side::broker, connack(Level::v5, 0x87));
  MadeConnection bad_first = handshake();
  waste(bad_first, connect(Level::v3_1_1)).frames.back().spoil();
  MadeConnection bad_hello = handshake();
  waste(bad_hello, kTlsHello).frames.back().spoil();
  MadeConnection no_ack_flag = handshake();
  no_ack_flag.add(Side::client, no_ack_flag.next[0], 0, 0, connect(Level::v3_1_1));
  MadeConnection before_answer;
  before_answer.send(Side::client, kSyn);
  before_answer.add(Side::client, before_answer.next[0], 77, kAck, connect(Level::v3_1_1));
  before_answer.send(Side::broker, kSyn | kAck);
  before_answer.send(Side::client, kAck);
  MadeConnection in_syn;
  in_syn.add(Side::client, in_syn.next[0], 0, kSyn, connect(Level::v3_1_1));
  ++in_syn.next[0];
  in_syn.send(Side::broker, kSyn | kAck);
  in_syn.send(Side::client, kAck);
  MadeConnection unknown_ack = handshake();
  unknown_ack.add(Side::client, unknown_ack.next[0], unknown_ack.next[1] + 5, kAck, connect(Level::v3_1_1));
  MadeConnection bad_reset = handshake();
  bad_reset.add(Side::client, bad_reset.next[0], bad_reset.next[1], kRst | kAck, "").spoil();
  MadeConnection bad_fin = handshake();
  bad_fin.add(Side::client, bad_fin.next[0], bad_fin.next[1], kFin | kAck, "").spoil();
  MadeConnection bad_syn = handshake();
  bad_syn.add(Side::client, bad_syn.next[0] + 700'000, 0, kSyn, "").spoil();
  MadeConnection bad_ip = handshake();
  MadeFrame& wrong = waste(bad_ip, connect(Level::v3_1_1)).frames.back();
  wrong.bytes[wrong.tcp_at - 20 + 8] = 1;  // its time to live
  return {
      {"an urgent byte of TLS", refuse(handshake().say_urgent("\x16"))},
      {"of HTTP", refuse(handshake().say_urgent("G"))},
      {"of nothing", refuse(handshake().say_urgent("X"))},
      {"a whole ClientHello of urgent bytes", refuse(urgent_hello)},
      {"an urgent byte inside CONNECT", urgent_inside},
      {"an urgent byte between the segments of CONNECT", urgent_late},
      {"an urgent byte that an empty segment announces", refuse(urgent_ahead)},
      {"a CONNECT with a wrong checksum first", refuse(bad_first)},
      {"a ClientHello with a wrong checksum first", refuse(bad_hello)},
      {"a segment without the flag ACK", refuse(no_ack_flag)},
      {"data before the broker has answered the SYN", refuse(before_answer)},
      {"data in the SYN that the broker does not acknowledge", refuse(in_syn)},
      {"data that acknowledges what the broker has not said", refuse(unknown_ack)},
      {"a reset with a wrong checksum", refuse(bad_reset)},
      {"a FIN with a wrong checksum", refuse(bad_fin)},
      {"a SYN with a wrong checksum", refuse(bad_syn)},
      {"a header of IP with a wrong checksum", refuse(bad_ip)},
  };
}

/// What the client has said was heard by the capture alone: its hops were few (TTL), or it is past the
/// window.
std::vector<Trick> answers_that_decide() {
  MadeConnection tls = handshake();
  MadeConnection http = handshake();
  MadeConnection ssh = handshake();
  MadeConnection noise = handshake();
  MadeConnection old = handshake();
  MadeConnection websocket = handshake();
  MadeConnection hello_then_websocket = handshake();
  MadeConnection piecemeal = handshake();
  waste(piecemeal, kTlsHello).say(Side::client, connect(Level::v5));
  piecemeal.say(Side::broker, connack(Level::v5, 0x87), 1);
  return {
      {"the broker answers what seemed TLS with CONNACK", refuse(waste(tls, kTlsHello))},
      {"what seemed HTTP", refuse(waste(http, kRequest))},
      {"what seemed SSH", refuse(waste(ssh, "SSH-2.0-OpenSSH_9.2\r\n"))},
      {"what seemed nothing", refuse(waste(noise, std::string(200, '\xFF')))},
      {"what seemed another version", refuse(waste(old, connect(Level::v3_1_1)))},
      {"what seemed MQTT with 101", refuse_in_websocket(waste(websocket, connect(Level::v3_1_1)))},
      {"what seemed TLS with 101", refuse_in_websocket(waste(hello_then_websocket, kTlsHello))},
      {"what seemed TLS, a byte at a time", piecemeal},
  };
}

std::vector<Trick> ways_to_websocket() {
  const std::string large =
      "GET /mqtt HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\nUpgrade: websocket\r\n\r\n";
  MadeConnection large_head = handshake();
  large_head.say(Side::client, large).say(Side::broker, kAccepted).in_websocket = true;
  MadeConnection not_found = handshake();
  not_found.say(Side::client, "GET / HTTP/1.1\r\n\r\n").say(Side::broker, kNotFound);
  MadeConnection continued = handshake();
  continued.say(Side::client, kRequest).say(Side::broker, "HTTP/1.1 100 Continue\r\n\r\n");
  continued.say(Side::broker, kAccepted).in_websocket = true;
  MadeConnection posted = handshake();
  posted.say(Side::client, "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\x82\x7f\x01\x02")
      .say(Side::broker, kNotFound);
  MadeConnection with_body = handshake();
  with_body.say(Side::client, "GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\n\x82\x05");
  with_body.say(Side::broker, kNotFound);
  return {
      {"a request that is answered 404 first", refuse_in_websocket(not_found)},
      {"a head of 20 kB", refuse(large_head)},
      {"100 Continue before 101", refuse(continued)},
      {"a POST first", refuse_in_websocket(posted)},
      {"a body that looks like a frame", refuse_in_websocket(with_body)},
  };
}

/// The code that the broker says counts, not what is said in its place.
std::vector<Trick> codes_that_are_changed() {
  const std::string accepted = "CONNACK sent 5.0 0x00 explicit";
  MadeConnection leaves = opened(Level::v5);
  leaves.add(Side::client, leaves.next[0], leaves.next[1], kAck, disconnect(0x8C)).spoil();
  leaves.say(Side::client, disconnect(0x04)).close(Side::client);
  return {
      {"a DISCONNECT with a wrong checksum before the real one",
       leaves,
       {accepted, "DISCONNECT received 5.0 0x04 explicit"}},
  };
}

TEST(Evasion, WhatTheBrokerSaysIsCountedWhateverTheClientDoes) {
  for (const auto& tricks :
       {bytes_that_are_not_read(), answers_that_decide(), ways_to_websocket(), codes_that_are_changed()}) {
    for (const Trick& trick : tricks) {
      const Heard heard = hear(trick.made.frames);
      EXPECT_THAT(heard.events, UnorderedElementsAreArray(trick.events)) << trick.why;
      EXPECT_EQ(heard.status.connections_tls, 0U) << trick.why;
      EXPECT_EQ(heard.status.connections_other, 0U) << trick.why;
    }
  }
}

/// Where a card computes the checksums, or nobody knows whether one does, all of this is as it should be.
TEST(Evasion, ChecksumsThatNobodyHasComputedHideNothing) {
  for (const bool partial : {true, false}) {
    for (const Side side : {Side::client, Side::broker}) {
      MadeConnection made = handshake();
      refuse(made);
      for (MadeFrame& frame : made.frames) {
        if (frame.sender != side) continue;
        if (partial) {
          frame.set_checksum(frame.partial_checksum());
        } else {
          frame.spoil();
        }
      }
      const Heard heard = hear(made.frames);
      EXPECT_THAT(heard.events, testing::ElementsAre(kRefused)) << partial;
      EXPECT_EQ(heard.status.frames_unreadable, 0U) << partial;
    }
  }
}

/// As a capture on the broker's machine has frames, 127.0.0.1 being one of its addresses.
MadeConnection on_this_machine(const Link& link = links()[0]) {
  MadeConnection made(50000, link);
  made.broker = endpoint("127.0.0.1", 1883);
  return made;
}

const Link& cooked() {
  const auto is_cooked = [](const Link& link) { return link.name == "Linux any"; };
  return *std::ranges::find_if(links(), is_cooked);
}

struct Forgery {
  const char* why;
  std::vector<MadeFrame> frames;
};

/// Frames that no broker has sent and no broker has answered.
std::vector<Forgery> forgeries() {
  MadeConnection connack_alone = on_this_machine();
  connack_alone.say(Side::broker, connack(Level::v5, 0x88), 100, false);
  MadeConnection disconnect_alone = on_this_machine();
  disconnect_alone.say(Side::client, disconnect(0x8B), 100, false);
  MadeConnection all_in_one = on_this_machine();
  all_in_one.say(Side::client, connect(Level::v5) + disconnect(0x8B), 100, false);
  MadeConnection never_answered = on_this_machine();
  never_answered.send(Side::client, kSyn);
  never_answered.say(Side::client, connect(Level::v5) + disconnect(0x8B), 100, false);
  MadeConnection answered_elsewhere = on_this_machine();  // the machine answers a SYN of a stranger's address
  answered_elsewhere.send(Side::client, kSyn);
  answered_elsewhere.send(Side::broker, kSyn | kAck);
  answered_elsewhere.next[1] += 12345;
  answered_elsewhere.say(Side::client, connect(Level::v5) + disconnect(0x8B), 100, false);
  MadeConnection own_address = on_this_machine(cooked());
  own_address.client = endpoint("127.0.0.1", 40000);
  own_address.open().say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5, 0x88));
  for (MadeFrame& frame : own_address.frames) frame.bytes[1] = 0;  // all of them came in
  MadeConnection from_its_port;  // the client connects from port 1883 to any port
  from_its_port.client = endpoint("127.0.0.1", 1883);
  from_its_port.broker = endpoint("127.0.0.1", 22);
  from_its_port.open()
      .say(Side::client, connack(Level::v5, 0x88))
      .say(Side::client, suback(Level::v5, "\x87"));
  from_its_port.say(Side::broker, "SSH-2.0-OpenSSH_9.2\r\n");
  MadeConnection after_an_hour;
  after_an_hour.client = from_its_port.client;
  after_an_hour.broker = from_its_port.broker;
  after_an_hour.open().pause(4000 * kSecond).say(Side::client, connack(Level::v5, 0x88), 100, false);
  after_an_hour.say(Side::broker, "SSH-2.0-OpenSSH_9.2\r\n");
  MadeConnection another_machine;  // what passes through this one
  another_machine.open().say(Side::client, connect(Level::v5)).say(Side::broker, connack(Level::v5, 0x88));
  return {
      {"a CONNACK alone", connack_alone.frames},
      {"a DISCONNECT alone", disconnect_alone.frames},
      {"a CONNECT and a DISCONNECT in one frame", all_in_one.frames},
      {"a client that the broker never answers", never_answered.frames},
      {"a client that does not know what the broker has answered", answered_elsewhere.frames},
      {"frames from outside under an address of this machine", own_address.frames},
      {"a connection from port 1883 to another port", from_its_port.frames},
      {"which is silent until its handshake is forgotten", after_an_hour.frames},
      {"a broker of another machine", another_machine.frames},
  };
}

TEST(Evasion, WhatNoBrokerHasSaidIsNotCounted) {
  OwnAddresses own;
  for (const Forgery& forgery : forgeries()) {
    EXPECT_THAT(hear(forgery.frames, {}, &own).events, IsEmpty()) << forgery.why;
  }
}

TEST(Evasion, OnThisMachineABrokerIsHeard) {
  OwnAddresses own;
  for (const Link* link : {&links()[0], &cooked()}) {
    MadeConnection made = on_this_machine(*link);
    refuse(made.open());
    EXPECT_THAT(hear(made.frames, {}, &own).events, testing::ElementsAre(kRefused)) << link->name;
  }
  MadeConnection elsewhere = handshake();
  refuse(elsewhere);
  CaptureOptions named;
  for (const char* address : {"192.0.2.1", "0.0.0.0", "::"}) {
    named.addresses = {address};
    EXPECT_THAT(hear(elsewhere.frames, named, &own).events, testing::ElementsAre(kRefused)) << address;
  }
}

TEST(Evasion, ABrokerThatIsNotFollowedIsNamed) {
  OwnAddresses own;
  SourceStatus status;
  EventList list;
  ConnectionTracker tracker({}, status, &own);
  const MadeConnection elsewhere = handshake();
  for (const MadeFrame& frame : elsewhere.frames) tracker.see(frame.frame(), list);
  ASSERT_TRUE(tracker.unfollowed());
  EXPECT_EQ(to_string(*tracker.unfollowed()), "192.0.2.1:1883");
}

/// In the middle of a connection each side must have sent packets; what was said before is told then.
TEST(Evasion, AJoinedConnectionIsBelievedWhenBothHaveSpoken) {
  MadeConnection made;
  made.say(Side::broker, puback(0x87)).say(Side::broker, puback(0x10));
  const Heard one = hear(made.frames);
  EXPECT_THAT(one.events, IsEmpty());
  EXPECT_EQ(one.status.connections_joined, 0U);
  made.say(Side::client, pingreq());
  const Heard both = hear(made.frames);
  EXPECT_THAT(both.events,
              testing::ElementsAre("PUBACK sent 5.0 0x10 explicit", "PUBACK sent 5.0 0x87 explicit"));
  EXPECT_EQ(both.status.connections_joined, 1U);
  EXPECT_EQ(both.status.events_unproven, 0U);
}

TEST(Evasion, WhatIsNeverBelievedIsCountedAsSuch) {
  std::vector<MadeFrame> frames;
  constexpr unsigned kConnections = 2000;  // more than are kept
  for (std::uint16_t i = 0; i < kConnections; ++i) {
    MadeConnection made(static_cast<std::uint16_t>(20'000 + i));
    made.say(Side::broker, puback(0x87)).close(Side::broker);
    frames.insert(frames.end(), made.frames.begin(), made.frames.end());
    frames.back().time_us += i;
  }
  SourceStatus status;
  EventList list;
  ConnectionTracker tracker({}, status);
  for (const MadeFrame& frame : frames) tracker.see(frame.frame(), list);
  tracker.pass_time(frames.back().time_us + 4000 * kSecond, list);
  EXPECT_THAT(list.events, IsEmpty());
  EXPECT_EQ(status.events_unproven, 2 * kConnections) << "the code and the end of each";
}

/// A connection that is joined within a packet: however its first bytes are cut.
TEST(Evasion, APacketThatBeginsAloneIsFound) {
  const std::string answer = connack(Level::v5, 0x87);
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    for (const std::size_t piece : {cut, std::size_t{1}}) {
      MadeConnection made;
      made.say(Side::client, connect(Level::v5).substr(1));  // its first byte was before
      made.say(Side::client, pingreq()).say(Side::broker, answer, piece);
      const Heard heard = hear(made.frames);
      EXPECT_THAT(heard.events, testing::ElementsAre(kRefused)) << "cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace mre
