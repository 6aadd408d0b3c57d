// SPDX-License-Identifier: Apache-2.0
// Tricks of a client to hide packets that the broker receives, and forged frames that must not be counted.
// Modelled on the lists of Suricata (stream events) and Zeek (weird.log). SECURITY.md names this file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/capture/frame_builder.h"

namespace mre {
namespace {

using namespace test;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

constexpr const char* kRefused = "CONNACK sent 5.0 0x87 explicit";
constexpr const char* kRequest = "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
constexpr const char* kUpgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
constexpr const char* kNotFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nNone.";
const std::string kTlsHello = hex("1603 0100 0501 0000 0103");

ConnectionBuilder handshake() {
  ConnectionBuilder made;
  made.open();
  return made;
}

/// Sends bytes that the broker never receives, at the sequence numbers of those that it receives.
ConnectionBuilder& waste(ConnectionBuilder& made, std::string_view bytes) {
  made.add(Side::client, made.next[0], made.next[1], kAck, bytes);
  return made;
}

ConnectionBuilder& refuse(ConnectionBuilder& made) {
  return made.write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5, 0x87));
}

ConnectionBuilder& refuse_in_websocket(ConnectionBuilder& made) { return refuse(made.upgrade()); }

struct Trick {
  const char* why;
  ConnectionBuilder made;
  std::vector<std::string> events = {kRefused};
};

/// The client sends more than the broker reads.
std::vector<Trick> bytes_that_are_not_read() {
  ConnectionBuilder urgent_hello = handshake();
  for (const char one : kTlsHello) urgent_hello.write_urgent(std::string_view(&one, 1));
  ConnectionBuilder urgent_inside = handshake();
  const std::string said = connect(Level::v5);
  const std::string with_urgent = said.substr(0, 8) + 'X' + said.substr(8);
  urgent_inside.add(Side::client, urgent_inside.next[0], urgent_inside.next[1], kAck | kUrg, with_urgent, 9);
  urgent_inside.next[0] += static_cast<std::uint32_t>(with_urgent.size());
  urgent_inside.write(Side::broker, connack(Level::v5, 0x87));
  ConnectionBuilder urgent_ahead = handshake();
  urgent_ahead.add(Side::client, urgent_ahead.next[0], urgent_ahead.next[1], kAck | kUrg, "", 1);
  urgent_ahead.write(Side::client, "G");
  ConnectionBuilder urgent_late = handshake();
  urgent_late.write(Side::client, said.substr(0, 4));
  urgent_late.write_urgent("\x16")
      .write(Side::client, said.substr(4))
      .write(Side::broker, connack(Level::v5, 0x87));
  ConnectionBuilder bad_first = handshake();
  waste(bad_first, connect(Level::v3_1_1)).frames.back().spoil();
  ConnectionBuilder bad_hello = handshake();
  waste(bad_hello, kTlsHello).frames.back().spoil();
  ConnectionBuilder no_ack_flag = handshake();
  no_ack_flag.add(Side::client, no_ack_flag.next[0], 0, 0, connect(Level::v3_1_1));
  ConnectionBuilder before_answer;
  before_answer.send(Side::client, kSyn);
  before_answer.add(Side::client, before_answer.next[0], 77, kAck, connect(Level::v3_1_1));
  before_answer.send(Side::broker, kSyn | kAck);
  before_answer.send(Side::client, kAck);
  ConnectionBuilder in_syn;
  in_syn.add(Side::client, in_syn.next[0], 0, kSyn, connect(Level::v3_1_1));
  ++in_syn.next[0];
  in_syn.send(Side::broker, kSyn | kAck);
  in_syn.send(Side::client, kAck);
  ConnectionBuilder unknown_ack = handshake();
  unknown_ack.add(Side::client, unknown_ack.next[0], unknown_ack.next[1] + 5, kAck, connect(Level::v3_1_1));
  ConnectionBuilder bad_reset = handshake();
  bad_reset.add(Side::client, bad_reset.next[0], bad_reset.next[1], kRst | kAck, "").spoil();
  ConnectionBuilder bad_fin = handshake();
  bad_fin.add(Side::client, bad_fin.next[0], bad_fin.next[1], kFin | kAck, "").spoil();
  ConnectionBuilder bad_syn = handshake();
  bad_syn.add(Side::client, bad_syn.next[0] + 700'000, 0, kSyn, "").spoil();
  ConnectionBuilder bad_ip = handshake();
  BuiltFrame& wrong = waste(bad_ip, connect(Level::v3_1_1)).frames.back();
  wrong.bytes[wrong.tcp_at - 20 + 8] = 1;  // its time to live
  return {
      {"an urgent byte of TLS", refuse(handshake().write_urgent("\x16"))},
      {"an urgent byte of HTTP", refuse(handshake().write_urgent("G"))},
      {"an urgent byte of no protocol", refuse(handshake().write_urgent("X"))},
      {"a whole ClientHello of urgent bytes", refuse(urgent_hello)},
      {"an urgent byte inside CONNECT", urgent_inside},
      {"an urgent byte between the segments of CONNECT", urgent_late},
      {"an urgent byte that an empty segment announces", refuse(urgent_ahead)},
      {"a CONNECT with a invalid checksum first", refuse(bad_first)},
      {"a ClientHello with a invalid checksum first", refuse(bad_hello)},
      {"a segment without the flag ACK", refuse(no_ack_flag)},
      {"data before the broker has answered the SYN", refuse(before_answer)},
      {"data in the SYN that the broker does not acknowledge", refuse(in_syn)},
      {"data that acknowledges bytes that the broker has not sent", refuse(unknown_ack)},
      {"a reset with a invalid checksum", refuse(bad_reset)},
      {"a FIN with a invalid checksum", refuse(bad_fin)},
      {"a SYN with a invalid checksum", refuse(bad_syn)},
      {"a header of IP with a invalid checksum", refuse(bad_ip)},
  };
}

/// Segments that the broker's machine drops for their numbers, and ends that did not reach it.
std::vector<Trick> segments_out_of_place() {
  constexpr std::uint32_t kFar = 100'000'000;
  const auto with = [](std::uint32_t from_next, unsigned flags, std::string_view bytes = "") {
    ConnectionBuilder made = handshake();
    made.add(Side::client, made.next[0] + from_next, made.next[1], flags, bytes);
    return refuse(made);
  };
  ConnectionBuilder again = handshake();
  const std::uint32_t at = again.next[0];
  again.write(Side::client, connect(Level::v5))
      .add(Side::client, at, again.next[1], kAck, connect(Level::v3_1_1));
  again.write(Side::broker, connack(Level::v5, 0x87));
  ConnectionBuilder overlapping = handshake();
  const std::string said = connect(Level::v5);
  const std::uint32_t begin = overlapping.next[0];
  overlapping.write(Side::client, said.substr(0, 8));
  overlapping.add(Side::client, begin, overlapping.next[1], kAck, std::string(8, 'G') + said.substr(8));
  overlapping.next[0] = begin + static_cast<std::uint32_t>(said.size());
  overlapping.write(Side::broker, connack(Level::v5, 0x87));
  return {
      {"a reset with an old number", with(0U - 1000U, kRst | kAck)},
      {"a reset far ahead", with(kFar, kRst | kAck)},
      {"a reset that does not reach the broker", with(0, kRst | kAck)},
      {"a FIN far ahead", with(kFar, kFin | kAck)},
      {"a FIN that does not reach the broker", with(0, kFin | kAck)},
      {"a second SYN", with(700'000, kSyn)},
      {"a keep-alive with a byte that was sent before", with(0U - 1U, kAck, "G")},
      {"a CONNECT far ahead", with(kFar, kAck, connect(Level::v3_1_1))},
      {"a CONNECT that is sent again with other bytes", again},
      {"a segment that begins with other bytes for those that were sent", overlapping},
  };
}

/// The client's bytes reached the capture but not the broker: their TTL was too low, or they were outside its
/// window.
std::vector<Trick> answers_that_decide() {
  ConnectionBuilder tls = handshake();
  ConnectionBuilder http = handshake();
  ConnectionBuilder ssh = handshake();
  ConnectionBuilder noise = handshake();
  ConnectionBuilder old = handshake();
  ConnectionBuilder websocket = handshake();
  ConnectionBuilder hello_then_websocket = handshake();
  ConnectionBuilder piecemeal = handshake();
  waste(piecemeal, kTlsHello).write(Side::client, connect(Level::v5));
  piecemeal.write(Side::broker, connack(Level::v5, 0x87), 1);
  return {
      {"the broker answers what seemed TLS with CONNACK", refuse(waste(tls, kTlsHello))},
      {"what seemed HTTP, with CONNACK", refuse(waste(http, kRequest))},
      {"what seemed SSH, with CONNACK", refuse(waste(ssh, "SSH-2.0-OpenSSH_9.2\r\n"))},
      {"what seemed no protocol, with CONNACK", refuse(waste(noise, std::string(200, '\xFF')))},
      {"what seemed another version, with CONNACK", refuse(waste(old, connect(Level::v3_1_1)))},
      {"what seemed MQTT with 101", refuse_in_websocket(waste(websocket, connect(Level::v3_1_1)))},
      {"what seemed TLS with 101", refuse_in_websocket(waste(hello_then_websocket, kTlsHello))},
      {"what seemed TLS, a byte at a time", piecemeal},
  };
}

std::vector<Trick> ways_to_websocket() {
  const std::string large =
      "GET /mqtt HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\nUpgrade: websocket\r\n\r\n";
  ConnectionBuilder large_head = handshake();
  large_head.write(Side::client, large).write(Side::broker, kUpgraded).in_websocket = true;
  ConnectionBuilder not_found = handshake();
  not_found.write(Side::client, "GET / HTTP/1.1\r\n\r\n").write(Side::broker, kNotFound);
  ConnectionBuilder continued = handshake();
  continued.write(Side::client, kRequest).write(Side::broker, "HTTP/1.1 100 Continue\r\n\r\n");
  continued.write(Side::broker, kUpgraded).in_websocket = true;
  ConnectionBuilder posted = handshake();
  posted.write(Side::client, "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\x82\x7f\x01\x02")
      .write(Side::broker, kNotFound);
  ConnectionBuilder with_body = handshake();
  with_body.write(Side::client, "GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\n\x82\x05");
  with_body.write(Side::broker, kNotFound);
  return {
      {"a request that is answered 404 first", refuse_in_websocket(not_found)},
      {"a head of 20 kB", refuse(large_head)},
      {"100 Continue before 101", refuse(continued)},
      {"a POST first", refuse_in_websocket(posted)},
      {"a body that looks like a frame", refuse_in_websocket(with_body)},
  };
}

/// The broker's code counts, not a forged one in its place.
std::vector<Trick> codes_that_are_changed() {
  const std::string accepted = "CONNACK sent 5.0 0x00 explicit";
  ConnectionBuilder leaves = opened(Level::v5);
  leaves.add(Side::client, leaves.next[0], leaves.next[1], kAck, disconnect(0x8C)).spoil();
  leaves.write(Side::client, disconnect(0x04)).close(Side::client);
  return {
      {"a DISCONNECT with a invalid checksum before the real one",
       leaves,
       {accepted, "DISCONNECT received 5.0 0x04 explicit"}},
  };
}

TEST(Evasion, NoTrickOfAClientHidesACodeOfTheBroker) {
  for (const auto& tricks : {bytes_that_are_not_read(), segments_out_of_place(), answers_that_decide(),
                             ways_to_websocket(), codes_that_are_changed()}) {
    for (const Trick& trick : tricks) {
      const Tracked tracked = track(trick.made.frames);
      EXPECT_THAT(tracked.events, UnorderedElementsAreArray(trick.events)) << trick.why;
      EXPECT_EQ(tracked.status.connections_tls, 0U) << trick.why;
      EXPECT_EQ(tracked.status.connections_other, 0U) << trick.why;
    }
  }
}

/// Normal where a network card computes checksums, or may do so.
TEST(Evasion, UncomputedChecksumsHideNothing) {
  for (const bool partial : {true, false}) {
    for (const Side side : {Side::client, Side::broker}) {
      ConnectionBuilder made = handshake();
      refuse(made);
      for (BuiltFrame& frame : made.frames) {
        if (frame.sender != side) continue;
        if (partial) {
          frame.set_checksum(frame.partial_checksum());
        } else {
          frame.spoil();
        }
      }
      const Tracked tracked = track(made.frames);
      EXPECT_THAT(tracked.events, testing::ElementsAre(kRefused)) << partial;
      EXPECT_EQ(tracked.status.frames_unreadable, 0U) << partial;
    }
  }
}

/// Frames as captured on the broker's machine, which has the address 127.0.0.1.
ConnectionBuilder on_this_machine(const Link& link = links()[0]) {
  ConnectionBuilder made(50000, link);
  made.broker = endpoint("127.0.0.1", 1883);
  return made;
}

const Link& cooked() {
  const auto is_cooked = [](const Link& link) { return link.name == "Linux any"; };
  return *std::ranges::find_if(links(), is_cooked);
}

struct Forgery {
  const char* why;
  std::vector<BuiltFrame> frames;
};

/// Frames that no broker has sent or answered.
std::vector<Forgery> forgeries() {
  ConnectionBuilder connack_alone = on_this_machine();
  connack_alone.write(Side::broker, connack(Level::v5, 0x88), 100, false);
  ConnectionBuilder disconnect_alone = on_this_machine();
  disconnect_alone.write(Side::client, disconnect(0x8B), 100, false);
  ConnectionBuilder all_in_one = on_this_machine();
  all_in_one.write(Side::client, connect(Level::v5) + disconnect(0x8B), 100, false);
  ConnectionBuilder never_answered = on_this_machine();
  never_answered.send(Side::client, kSyn);
  never_answered.write(Side::client, connect(Level::v5) + disconnect(0x8B), 100, false);
  ConnectionBuilder answered_elsewhere =
      on_this_machine();  // the machine answers a SYN with a forged address
  answered_elsewhere.send(Side::client, kSyn);
  answered_elsewhere.send(Side::broker, kSyn | kAck);
  answered_elsewhere.next[1] += 12345;
  answered_elsewhere.write(Side::client, connect(Level::v5) + disconnect(0x8B), 100, false);
  ConnectionBuilder own_address = on_this_machine(cooked());
  own_address.client = endpoint("127.0.0.1", 40000);
  own_address.open().write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5, 0x88));
  for (BuiltFrame& frame : own_address.frames) frame.bytes[1] = 0;  // received from outside
  ConnectionBuilder from_its_port;  // the client connects from port 1883 to any port
  from_its_port.client = endpoint("127.0.0.1", 1883);
  from_its_port.broker = endpoint("127.0.0.1", 22);
  from_its_port.open()
      .write(Side::client, connack(Level::v5, 0x88))
      .write(Side::client, suback(Level::v5, "\x87"));
  from_its_port.write(Side::broker, "SSH-2.0-OpenSSH_9.2\r\n");
  ConnectionBuilder after_an_hour;
  after_an_hour.client = from_its_port.client;
  after_an_hour.broker = from_its_port.broker;
  after_an_hour.open().pause(4000 * kSecond).write(Side::client, connack(Level::v5, 0x88), 100, false);
  after_an_hour.write(Side::broker, "SSH-2.0-OpenSSH_9.2\r\n");
  ConnectionBuilder another_machine;  // forwarded by this one
  another_machine.open()
      .write(Side::client, connect(Level::v5))
      .write(Side::broker, connack(Level::v5, 0x88));
  return {
      {"a CONNACK alone", connack_alone.frames},
      {"a DISCONNECT alone", disconnect_alone.frames},
      {"a CONNECT and a DISCONNECT in one frame", all_in_one.frames},
      {"a client that the broker never answers", never_answered.frames},
      {"a client that does not know what the broker has answered", answered_elsewhere.frames},
      {"frames from outside under an address of this machine", own_address.frames},
      {"a connection from port 1883 to another port", from_its_port.frames},
      {"the same, after its handshake was forgotten", after_an_hour.frames},
      {"a broker of another machine", another_machine.frames},
  };
}

TEST(Evasion, ForgedFramesAreNotCounted) {
  LocalAddresses local;
  for (const Forgery& forgery : forgeries()) {
    EXPECT_THAT(track(forgery.frames, {}, &local).events, IsEmpty()) << forgery.why;
  }
}

TEST(Evasion, FollowsABrokerOnThisMachine) {
  LocalAddresses local;
  for (const Link* link : {&links()[0], &cooked()}) {
    ConnectionBuilder made = on_this_machine(*link);
    refuse(made.open());
    EXPECT_THAT(track(made.frames, {}, &local).events, testing::ElementsAre(kRefused)) << link->name;
  }
  ConnectionBuilder elsewhere = handshake();
  refuse(elsewhere);
  CaptureOptions named;
  for (const char* address : {"192.0.2.1", "0.0.0.0", "::"}) {
    named.addresses = {address};
    EXPECT_THAT(track(elsewhere.frames, named, &local).events, testing::ElementsAre(kRefused)) << address;
  }
}

TEST(Evasion, NamesABrokerThatIsNotFollowed) {
  LocalAddresses local;
  SourceStatus status;
  EventTexts list;
  ConnectionTracker tracker({}, status, &local);
  const ConnectionBuilder elsewhere = handshake();
  for (const BuiltFrame& frame : elsewhere.frames) tracker.process(frame.frame(), list);
  ASSERT_TRUE(tracker.unfollowed());
  EXPECT_EQ(to_string(*tracker.unfollowed()), "192.0.2.1:1883");
}

/// Before both sides have sent packets, events wait.
TEST(Evasion, AJoinedConnectionIsProvenOnceBothSidesHaveSentPackets) {
  ConnectionBuilder made;
  made.write(Side::broker, puback(0x87)).write(Side::broker, puback(0x10));
  const Tracked one = track(made.frames);
  EXPECT_THAT(one.events, IsEmpty());
  EXPECT_EQ(one.status.connections_joined, 0U);
  made.write(Side::client, pingreq());
  const Tracked both = track(made.frames);
  EXPECT_THAT(both.events,
              testing::ElementsAre("PUBACK sent 5.0 0x10 explicit", "PUBACK sent 5.0 0x87 explicit"));
  EXPECT_EQ(both.status.connections_joined, 1U);
  EXPECT_EQ(both.status.events_unproven, 0U);
}

TEST(Evasion, CountsEventsThatAreNeverProven) {
  std::vector<BuiltFrame> frames;
  constexpr unsigned kConnections = 2000;  // more than UnprovenEvents holds
  for (std::uint16_t i = 0; i < kConnections; ++i) {
    ConnectionBuilder made(static_cast<std::uint16_t>(20'000 + i));
    made.write(Side::broker, puback(0x87)).close(Side::broker);
    frames.insert(frames.end(), made.frames.begin(), made.frames.end());
    frames.back().time_us += i;
  }
  SourceStatus status;
  EventTexts list;
  ConnectionTracker tracker({}, status);
  for (const BuiltFrame& frame : frames) tracker.process(frame.frame(), list);
  tracker.advance_time(frames.back().time_us + 4000 * kSecond, list);
  EXPECT_THAT(list.texts, IsEmpty());
  EXPECT_EQ(status.events_unproven, 2 * kConnections) << "the code and the end of each";
}

/// The connection is joined within a packet, and the answer is split at each byte.
TEST(Evasion, FindsAPacketThatIsSplitAfterItsFirstBytes) {
  const std::string answer = connack(Level::v5, 0x87);
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    for (const std::size_t piece : {cut, std::size_t{1}}) {
      ConnectionBuilder made;
      made.write(Side::client, connect(Level::v5).substr(1));  // its first byte was not captured
      made.write(Side::client, pingreq()).write(Side::broker, answer, piece);
      const Tracked tracked = track(made.frames);
      EXPECT_THAT(tracked.events, testing::ElementsAre(kRefused)) << "cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace mre
