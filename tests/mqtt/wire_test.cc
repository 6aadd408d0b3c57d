// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/mqtt/wire_text.h"

namespace mre::mqtt {
namespace {

using namespace std::string_view_literals;
using test::bytes_of;
using test::Reading;

static_assert(sizeof(PacketReader) <= 16, "one for each direction of each connection");

struct PacketCase {
  std::string_view why;
  Version before;
  std::string_view hex;     ///< What is sent, any spaces.
  std::string_view events;  ///< As `text_of` writes it, "; " between.
  Version after;
};

using enum Version;

/// Of section 3.x of OASIS MQTT 5.0 unless a row says otherwise.
constexpr PacketCase kPacketCases[] = {
    // CONNECT and the version
    {"3.1.2.6, the example of figure 3-6", unknown,
     "10 16 0004 4d515454 05 ce 000a 05 11 0000000a 0003 616263 00", "CONNECT 5.0 keep 10", v5},
    {"3.1.1: section 3.1.2", unknown, "10 0f 0004 4d515454 04 02 003c 0003 616263", "CONNECT 3.1.1 keep 60",
     v3_1_1},
    {"3.1: section 3.1, MQIsdp", unknown, "10 11 0006 4d5149736470 03 02 ffff 0003 616263",
     "CONNECT 3.1 keep 65535", v3_1},
    {"a bridge sets the highest bit of the level", unknown, "10 0f 0004 4d515454 84 02 003c 0003 616263",
     "CONNECT 3.1.1 keep 60", v3_1_1},
    {"a level that no standard has", unknown, "10 0f 0004 4d515454 06 02 003c 0003 616263",
     "CONNECT unknown keep 60", other},
    {"a broker refuses another name in the version of the level", unknown,
     "10 10 0004 58585858 05 02 003c 00 0003 616263  ", "CONNECT 5.0 keep 60", v5},
    {"a name longer than the packet", unknown, "10 04 0004 4d51 e000", "DISCONNECT ambiguous", unknown},
    {"too short for a name's length", unknown, "10 01 00 e000", "DISCONNECT ambiguous", unknown},
    {"ends after the level: refused in its version", unknown, "10 08 0004 4d515454 05 02",
     "CONNECT 5.0 keep 0", v5},
    {"ends inside the keep alive", unknown, "10 09 0004 4d515454 05 02 00 e000",
     "CONNECT 5.0 keep 0; DISCONNECT 0x00", v5},
    {"a second CONNECT is a protocol error: the first one decides", unknown,
     "10 0d 0004 4d515454 05 02 003c 00 0000 10 0c 0004 4d515454 04 02 003c 0000",
     "CONNECT 5.0 keep 60; CONNECT 5.0 keep 60", v5},
    {"an MQTT 3 that was known by its packets is named by its CONNECT", v3,
     "10 11 0006 4d5149736470 03 02 003c 0003 616263", "CONNECT 3.1 keep 60", v3_1},
    {"but not by that of 5.0", v3, "10 0d 0004 4d515454 05 02 003c 00 0000", "CONNECT unknown keep 60", v3},

    // CONNACK
    {"5.0: session present, Success, no properties", v5, "20 03 01 00 00", "CONNACK 0x00", v5},
    {"5.0: Not authorized with a reason string", v5, "20 09 00 87 06 1f 0003 6e6f21", "CONNACK 0x87", v5},
    {"3.1.1: 3.2.2.3 not authorized", v3_1_1, "20 02 00 05", "CONNACK 0x05", v3_1_1},
    {"only MQTT 3 has two bytes", unknown, "20 02 00 00", "CONNACK 0x00", v3},
    {"MQTT 5.0 has a property length", unknown, "20 03 00 86 00", "CONNACK 0x86", v5},
    {"a broker of 3.1.1 refuses 5.0 in its own form", v5, "20 02 00 01 e000",
     "CONNACK 0x01; DISCONNECT no_code", v3_1_1},
    {"or accepts the client with it", v5, "20 02 01 00 90 03 000a 80", "CONNACK 0x00; SUBACK 0x80", v3_1_1},
    {"a broker of 5.0 alone refuses 3.1.1: 3.1.2.2", v3_1_1, "20 03 00 84 00", "CONNACK 0x84", v5},
    {"and 3.1", v3_1, "20 08 00 84 05 1f 0002 6e6f", "CONNACK 0x84", v5},
    {"a refused level stays what it is", other, "20 02 00 01", "CONNACK 0x01", other},
    {"a byte that is not a code is reported", v5, "20 03 00 42 00", "CONNACK 0x42", v5},
    {"too short", v5, "20 01 00 e000", "CONNACK malformed; DISCONNECT 0x00", v5},

    // PUBACK, PUBREC, PUBREL, PUBCOMP
    {"3.4.2.1: two bytes mean 0x00", v5, "40 02 000a", "PUBACK 0x00", v5},
    {"3.4.2.1: three bytes", v5, "40 03 000a 10", "PUBACK 0x10", v5},
    {"with properties", v5, "50 08 000a 97 04 1f 0001 78", "PUBREC 0x97", v5},
    {"PUBREL of a packet that is not known", v5, "62 03 000a 92", "PUBREL 0x92", v5},
    {"PUBCOMP", v5, "70 04 000a 92 00", "PUBCOMP 0x92", v5},
    {"3.1.1 has no codes", v3_1_1, "40 02 000a 50 02 000a 62 02 000a 70 02 000a",
     "PUBACK no_code; PUBREC no_code; PUBREL no_code; PUBCOMP no_code", v3_1_1},
    {"nor has a longer one of 3.1", v3_1, "40 03 000a 10", "PUBACK no_code", v3_1},
    {"nor has that of an unknown MQTT 3", v3, "40 02 000a", "PUBACK no_code", v3},
    {"two bytes are either", unknown, "40 02 000a", "PUBACK ambiguous", unknown},
    {"three are MQTT 5.0", unknown, "40 03 000a 10 40 02 000b", "PUBACK 0x10; PUBACK 0x00", v5},
    {"a level that is known to be other is not overwritten", other, "40 03 000a 10 40 02 000b",
     "PUBACK 0x10; PUBACK ambiguous", other},
    {"too short for a packet identifier", v5, "40 01 00 50 00 62 01 01 70 02 0001",
     "PUBACK malformed; PUBREC malformed; PUBREL malformed; PUBCOMP 0x00", v5},
    {"too short in any version", v3_1_1, "40 01 00", "PUBACK malformed", v3_1_1},

    // SUBACK
    {"3.1.1: 3.9.3, one for each filter", v3_1_1, "90 06 000a 00 01 02 80",
     "SUBACK 0x00; SUBACK 0x01; SUBACK 0x02; SUBACK 0x80", v3_1_1},
    {"5.0: after no properties", v5, "90 06 000a 00 00 87 a2", "SUBACK 0x00; SUBACK 0x87; SUBACK 0xA2", v5},
    {"5.0: after a reason string", v5, "90 09 000a 05 1f 0002 6e6f 8f", "SUBACK 0x8F", v5},
    {"3.1.1 without codes", v3_1_1, "90 02 000a", "SUBACK malformed", v3_1_1},
    {"5.0 without codes", v5, "90 03 000a 00", "SUBACK malformed", v5},
    {"5.0: the properties leave no code", v5, "90 05 000a 02 00 00 e000", "SUBACK malformed; DISCONNECT 0x00",
     v5},
    {"5.0: a property length that never ends", v5, "90 08 000a 80 80 80 80 80 80 e000",
     "SUBACK malformed; DISCONNECT 0x00", v5},
    {"5.0: a property length that the packet cuts", v5, "90 04 000a 80 80 e000",
     "SUBACK malformed; DISCONNECT 0x00", v5},
    {"one byte after the identifier is a code of MQTT 3", unknown, "90 03 000a 01", "SUBACK 0x01", v3},
    {"so too of a broker that sends a code of 5.0 there", unknown, "90 03 000a 87", "SUBACK 0x87", v3},
    {"1 is not a property length: MQTT 3", unknown, "90 05 000a 01 00 02",
     "SUBACK 0x01; SUBACK 0x00; SUBACK 0x02", v3},
    {"128 bytes of properties do not fit: MQTT 3", unknown, "90 04 000a 80 01", "SUBACK 0x80; SUBACK 0x01",
     v3},
    {"5 is a property length and no code: MQTT 5.0", unknown, "90 09 000a 05 1f 0002 6e6f 00", "SUBACK 0x00",
     v5},
    {"0 and 0x87: MQTT 5.0", unknown, "90 05 000a 00 87 01", "SUBACK 0x87; SUBACK 0x01", v5},
    {"0 and 1: one code of 5.0 or two of 3", unknown, "90 04 000a 00 01 e000",
     "SUBACK ambiguous; DISCONNECT ambiguous", unknown},
    {"0 and 0x80 and 0x87", unknown, "90 05 000a 00 80 87", "SUBACK ambiguous", unknown},
    {"0 and 5 is neither", unknown, "90 04 000a 00 05", "SUBACK malformed", unknown},
    {"5 is neither if no property fits", unknown, "90 04 000a 05 00", "SUBACK malformed", unknown},
    {"another level is read as unknown", other, "90 03 000a 01 90 04 000a 00 01",
     "SUBACK 0x01; SUBACK ambiguous", other},

    // UNSUBACK
    {"3.11.3", v5, "b0 05 000a 00 00 11", "UNSUBACK 0x00; UNSUBACK 0x11", v5},
    {"after a user property", v5, "b0 0b 000a 07 26 0001 61 0001 62 8f", "UNSUBACK 0x8F", v5},
    {"3.1.1 has no codes: 3.11", v3_1_1, "b0 02 000a", "UNSUBACK no_code", v3_1_1},
    {"two bytes are MQTT 3", unknown, "b0 02 000a", "UNSUBACK no_code", v3},
    {"more are MQTT 5.0", unknown, "b0 04 000a 00 11", "UNSUBACK 0x11", v5},
    {"5.0 without codes", v5, "b0 02 000a b0 03 000a 00", "UNSUBACK malformed; UNSUBACK malformed", v5},
    {"three bytes are neither", unknown, "b0 03 000a 00", "UNSUBACK malformed", unknown},
    {"too short", v3_1_1, "b0 01 00", "UNSUBACK malformed", v3_1_1},

    // DISCONNECT and AUTH
    {"3.14.2.1: no byte means 0x00", v5, "e0 00", "DISCONNECT 0x00", v5},
    {"one byte", v5, "e0 01 04", "DISCONNECT 0x04", v5},
    {"with the session expiry", v5, "e0 07 00 05 11 00000064", "DISCONNECT 0x00", v5},
    {"reserved flags do not matter", v5, "e1 00", "DISCONNECT 0x00", v5},
    {"3.1.1 has no codes: 3.14", v3_1_1, "e0 00", "DISCONNECT no_code", v3_1_1},
    {"nor if a broker sends one there", v3_1_1, "e0 02 87 00", "DISCONNECT no_code", v3_1_1},
    {"no byte is either", unknown, "e0 00", "DISCONNECT ambiguous", unknown},
    {"a byte is MQTT 5.0", unknown, "e0 01 8e", "DISCONNECT 0x8E", v5},
    {"3.15.2.1: AUTH without a byte", v5, "f0 00", "AUTH 0x00", v5},
    {"AUTH with a method", v5, "f0 06 18 04 15 0001 78", "AUTH 0x18", v5},
    {"only MQTT 5.0 has AUTH", unknown, "f0 00 e0 00", "AUTH 0x00; DISCONNECT 0x00", v5},
    {"an AUTH in 3.1.1 has no code", v3_1_1, "f0 02 18 00", "AUTH no_code", v3_1_1},
    {"another level", other, "f0 00 e0 00", "AUTH 0x00; DISCONNECT ambiguous", other},

    // Packets without events
    {"PUBLISH, PINGREQ, PINGRESP, a reserved type", v5,
     "30 07 0003 612f62 00 21 c0 00 d0 00 05 03 ffffff e0 00", "DISCONNECT 0x00", v5},
    {"2.1.4: a remaining length of two bytes, not the shortest", v5, "30 87 00 0003 612f62 00 21 e0 00",
     "DISCONNECT 0x00", v5},
    {"SUBSCRIBE and UNSUBSCRIBE", v3_1_1, "82 08 000a 0003 612f62 01 a2 07 000b 0003 612f62 e0 00",
     "DISCONNECT no_code", v3_1_1},
    {"2.1.4: four bytes of length at most", v5, "e0 00 30 ff ff ff ff 00 e0 00", "DISCONNECT 0x00; broken",
     v5},
};

TEST(PacketReader, ReportsWhatTheStandardDefines) {
  for (const PacketCase& c : kPacketCases) {
    const Reading reading = test::read_whole(bytes_of(c.hex), c.before);
    EXPECT_EQ(reading.events, c.events) << c.why;
    EXPECT_EQ(reading.version, c.after) << c.why;
  }
}

TEST(PacketReader, ReportsTheSameForEverySplit) {
  for (const PacketCase& c : kPacketCases) {
    const std::string bytes = bytes_of(c.hex);
    const Reading whole = test::read_whole(bytes, c.before);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      EXPECT_EQ(test::read_in_pieces(bytes, {cut}, c.before), whole) << c.why << ", cut at " << cut;
    }
    std::vector<std::size_t> every(bytes.size());
    std::generate(every.begin(), every.end(), [n = std::size_t{0}]() mutable { return ++n; });
    EXPECT_EQ(test::read_in_pieces(bytes, every, c.before), whole) << c.why << ", byte by byte";
  }
}

TEST(PacketReader, LearnsTheVersionFromPacketsThatOnlyOneVersionHas) {
  const struct {
    std::string_view why;
    std::string_view hex;
    Version after;
  } cases[] = {
      {"3.1.1 section 3.8.3: SUBSCRIBE", "82 0e 000a 0003 612f62 01 0003 632f64 02", v3},
      {"5.0 section 3.8.3: no properties", "82 09 000a 00 0003 612f62 01", v5},
      {"5.0: a subscription identifier", "82 0b 000a 02 0b01 0003 612f62 2d", v5},
      {"5.0: an option that is reserved", "82 09 000a 00 0003 612f62 81", unknown},
      {"3.1.1 section 3.10.3: UNSUBSCRIBE", "a2 07 000a 0003 612f62", v3},
      {"5.0 section 3.10.3: UNSUBSCRIBE", "a2 08 000a 00 0003 612f62", v5},
      {"3.1.1 section 3.3: a payload that is not a property", "30 07 0003 612f62 7b7d", v3},
      {"3.1.1: no payload at all", "30 05 0003 612f62", v3},
      {"a payload or no properties: either", "30 07 0003 612f62 00 7d", unknown},
      {"a payload or a content type: either", "30 0a 0003 612f62 04 03 0001 78", unknown},
      {"5.0: a topic alias and no topic", "30 06 0000 03 23 0001", v5},
      {"QoS 1 has an identifier", "32 07 0003 612f62 000a", v3},
      {"QoS 3 is neither", "36 07 0003 612f62 000a", unknown},
      {"a topic with a wildcard is neither", "30 05 0003 612f23", unknown},
      {"not whole", "82 0e 000a 0003 612f62 01", unknown},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(test::read_whole(bytes_of(c.hex), unknown).version, c.after) << c.why;
    EXPECT_EQ(test::read_whole(bytes_of(c.hex), other).version, other) << c.why << ", a level was named";
  }
}

TEST(PacketReader, KnowsWhichBytesMayBeMissing) {
  const struct {
    std::string_view why;
    std::string_view seen;
    std::uint32_t skippable;
  } cases[] = {
      {"between packets nothing", "", 0},
      {"of a fixed header nothing", "30 80", 0},
      {"all of a PUBLISH", "30 80 08", 1024},
      {"and what is left of it", "30 80 08 0003 612f62", 1019},
      {"the identifier before a code", "40 03 00", 1},
      {"not the code", "40 03 000a", 0},
      {"what is after the code", "40 09 000a 87 05", 5},
      {"an acknowledgement without a code", "40 02", 2},
      {"the properties before codes", "90 09 000a 05", 5},
      {"not the codes", "90 09 000a 05 1f 0002 6e6f", 0},
      {"the flags of CONNACK", "20 03", 1},
      {"what is after the keep alive", "10 10 0004 4d515454 05 02 003c", 6},
      {"the name of the protocol", "10 10 0004", 4},
      {"after a length of five bytes there is nothing", "30 ff ff ff ff", 0},
  };
  for (const auto& c : cases) {
    PacketReader reader;
    Version version = v5;
    const std::string bytes = bytes_of(c.seen);
    std::string_view rest = bytes;
    while (reader.next(rest, version)) {
    }
    EXPECT_EQ(reader.skippable(), c.skippable) << c.why;
  }
}

TEST(PacketReader, ReportsTheSameWithoutSkippableBytes) {
  for (const PacketCase& c : kPacketCases) {
    const std::string bytes = bytes_of(c.hex);
    PacketReader reader;
    Reading reading{.events = {}, .version = c.before};
    for (std::size_t at = 0; at < bytes.size();) {
      std::string_view next = std::string_view(bytes).substr(at, 1);
      reader.skip(0);  // changes nothing
      const std::size_t missing = std::min<std::size_t>(reader.skippable(), bytes.size() - at);
      if (missing > 0) {
        reader.skip(static_cast<std::uint32_t>(missing));
        at += missing;
        continue;
      }
      ++at;
      while (const auto event = reader.next(next, reading.version)) {
        reading.events += (reading.events.empty() ? "" : "; ") + test::text_of(*event, reading.version);
      }
    }
    EXPECT_EQ(reading.events, c.events) << c.why;
    EXPECT_EQ(reading.version, c.after) << c.why;
  }
}

TEST(PacketReader, AtAFoundPositionReadsOnlyWhatTheSenderMaySend) {
  struct Sender {
    const char* why;
    const char* hex;
    Side sender;
    std::string_view events;
  };
  constexpr Sender kSenders[] = {
      {"a broker sends no SUBSCRIBE", "20030000 00 8206 0001", Side::broker, "CONNACK 0x00; misplaced"},
      {"a client sends no CONNACK", "c000 20030000", Side::client, "misplaced"},
      {"flags that PUBREL does not have", "c000 6c03 6d6e65", Side::client, "misplaced"},
      {"a packet type of 0", "d000 0000", Side::broker, "misplaced"},
      {"what a broker may send is read", "d000 4003 000187 e001 8e", Side::broker,
       "PUBACK 0x87; DISCONNECT 0x8E"},
  };
  for (const auto& c : kSenders) {
    const std::string bytes = bytes_of(c.hex);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      EXPECT_EQ(test::read_in_pieces(bytes, {cut}, v5, PacketReader::at_found_position(c.sender)).events,
                c.events)
          << c.why << ", cut at " << cut;
    }
  }
}

TEST(PacketReader, ReportsTheSameForRandomPieces) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (std::size_t packets = 1 + below(20); packets > 0; --packets) {
      const std::string packet =
          bytes_of(kPacketCases[below(std::size(kPacketCases) - 1)].hex);  // not the broken one
      bytes += packet;
      if (below(10) == 0) bytes.back() = static_cast<char>(below(256));
    }
    std::vector<std::size_t> cuts;
    for (std::size_t cut = below(10); cut < bytes.size(); cut += 1 + below(30)) cuts.push_back(cut);
    const Version before = below(2) == 0 ? v5 : v3_1_1;
    EXPECT_EQ(test::read_in_pieces(bytes, cuts, before), test::read_whole(bytes, before));
  }
}

}  // namespace
}  // namespace mre::mqtt
