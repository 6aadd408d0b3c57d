// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

#include "exporter/mqtt/wire.h"
#include "tests/mqtt/wire_text.h"

namespace mre::mqtt {
namespace {

using test::bytes_of;
using enum Version;

struct ProbeCase {
  std::string_view why;
  Side sender;
  Version version;
  std::string_view hex;
  bool yes;
};

constexpr Side kClient = Side::client;
constexpr Side kBroker = Side::broker;

/// A segment as brokers and clients send it, by OASIS MQTT 5.0 section 3 and MQTT 3.1.1 section 3.
constexpr ProbeCase kProbeCases[] = {
    {"nothing", kClient, v5, "", false},

    {"PINGREQ", kClient, unknown, "c0 00", true},
    {"the broker does not send it", kBroker, unknown, "c0 00", false},
    {"PINGRESP", kBroker, v3_1_1, "d0 00", true},
    {"with a body", kBroker, v3_1_1, "d0 01 00", false},
    {"PUBACK", kClient, unknown, "40 02 0001", true},
    {"with flags", kClient, unknown, "42 02 0001", false},
    {"of no packet", kClient, unknown, "40 02 0000", false},
    {"with a code", kBroker, v5, "40 03 0001 10", true},
    {"with an undefined code", kBroker, v5, "40 03 0001 42", false},
    {"with a code, in MQTT 3", kBroker, v3_1_1, "40 03 0001 10", false},
    {"with a reason string", kBroker, v5, "40 08 0001 87 04 1f 0001 78", true},
    {"with a property of another packet", kBroker, v5, "40 07 0001 87 03 23 0001", false},
    {"PUBREL", kBroker, v3, "62 02 0001", true},
    {"PUBREL without its flags", kBroker, v3, "60 02 0001", false},
    {"several acknowledgements", kBroker, unknown, "40 02 0001 50 02 0002 70 02 0003", true},
    {"DISCONNECT of a client", kClient, v3_1_1, "e0 00", true},
    {"brokers have it since MQTT 5.0", kBroker, v3_1_1, "e0 00", false},
    {"that of a broker", kBroker, v5, "e0 01 8e", true},
    {"nothing follows it", kClient, v3_1_1, "e0 00 c0 00", false},
    {"AUTH", kClient, v5, "f0 06 18 04 15 0001 78", true},
    {"not in MQTT 3", kClient, v3_1_1, "f0 00", false},
    {"CONNACK", kBroker, unknown, "20 02 01 00", true},
    {"CONNACK of a client", kClient, unknown, "20 02 01 00", false},
    {"SUBACK", kBroker, v3_1_1, "90 03 0001 01", true},
    {"SUBACK with an undefined code", kBroker, v3_1_1, "90 03 0001 03", false},
    {"UNSUBACK", kBroker, v5, "b0 04 0001 00 11", true},
    {"SUBSCRIBE", kClient, unknown, "82 08 0001 0003 612f62 01", true},
    {"UNSUBSCRIBE", kClient, unknown, "a2 07 0001 0003 612f62", true},
    {"CONNECT", kClient, unknown, "10 0f 0004 4d515454 04 02 003c 0003 616263", true},
    {"CONNECT with will, name and password", kClient, v5,
     "10 1b 0004 4d515454 05 ce 003c 00 0001 61 00 0001 62 0000 0001 63 0001 64", true},
    {"CONNECT with too little", kClient, v5, "10 0d 0004 4d515454 05 c2 003c 00 0000", false},
    {"a reserved type", kClient, v5, "00 00", false},
    {"a length of five bytes", kClient, v5, "30 ff ff ff ff 01", false},
    {"a length of more bytes than needed", kClient, v5, "c0 80 00", false},

    {"PUBLISH", kClient, unknown, "30 07 0003 612f62 7b7d", true},
    {"QoS 1", kBroker, v3_1_1, "32 08 0003 612f62 0001 7d", true},
    {"5.0: properties", kBroker, v5, "30 0a 0003 612f62 02 01 01 7b7d", true},
    {"5.0: none is 0x7b long", kBroker, v5, "30 07 0003 612f62 7b7d", false},
    {"QoS 3", kBroker, v3_1_1, "36 08 0003 612f62 0001 7d", false},
    {"a wildcard in the topic", kBroker, v3_1_1, "30 05 0003 612f23", false},
    {"a control character in the topic", kBroker, v3_1_1, "30 05 0003 61 0a 62", false},
    {"a topic that is not UTF-8", kBroker, v3_1_1, "30 05 0003 61 ff 62", false},
    {"a topic that is longer than the packet", kBroker, v3_1_1, "30 04 0003 6162", false},
    {"several", kBroker, v3_1_1, "30 06 0003 612f62 31 30 06 0003 612f62 32", true},

    {"the last one is cut after a whole one", kBroker, v3_1_1, "30 06 0003 612f62 31 30 06 0003 61", true},
    {"it is not plausible", kBroker, v3_1_1, "30 06 0003 612f62 31 30 06 0103 61", false},
    {"it is a PINGREQ of a broker", kBroker, v3_1_1, "30 06 0003 612f62 31 c0", false},
    {"it has no room for a topic", kBroker, v3_1_1, "40 02 0001 30 02 00", false},
    {"it has no room for a code", kBroker, v5, "40 02 0001 b0 03 0001", false},
    {"its length is cut", kBroker, v3_1_1, "40 02 0001 30 80", true},
    {"a long PUBLISH that continues in the next segment", kBroker, v3_1_1, "30 80 10 0004 612f6263 7b7d",
     true},
    {"its topic is too short", kBroker, v3_1_1, "30 80 10 0003 612f62 7b7d", false},
    {"CONNECT that continues", kClient, unknown, "10 80 10 0004 4d515454 04", true},
    {"an acknowledgement that continues is too short", kBroker, v5, "40 20 0001 87", false},
};

TEST(LooksLikePackets, AcceptsPacketsThatAreSent) {
  for (const ProbeCase& c : kProbeCases) {
    EXPECT_EQ(looks_like_packets(bytes_of(c.hex), c.sender, c.version), c.yes) << c.why;
  }
}

TEST(LooksLikePackets, RejectsTextAndUsualBinaryData) {
  const struct {
    std::string_view why;
    std::string payload;
  } cases[] = {
      {"JSON, from anywhere in it",
       R"({"temperature":20.30,"unit":"C","at":"2026-11-22T10:00:00Z","n":[0,1,40,50,62]})"},
      {"numbers", "0 1 2 3 30 31 32 40 50 62 70 0x30\r\n0,1,2,3,4,5,6,7,8,9"},
      {"XML", "<a b=\"0\">@ P b p</a><r/>0010 2 3"},
      {"little-endian numbers", bytes_of("30000000 31000000 40020000 c0000000 e0000000 02000000")},
      {"big-endian numbers", bytes_of("00000030 00000031 00000240 000000c0 000000e0 00000002")},
      {"UTF-16", bytes_of("3000 3100 3200 4000 5000 7000 6200 0030 0031 0032 0040")},
      {"DER, as in certificates", bytes_of("30820122 300d0609 2a864886 f70d0101 01050003 82010f00 3082010a")},
      {"CBOR", bytes_of("a3 61 74 f9 4d00 61 75 61 43 61 6e 84 00 01 18 28 18 30")},
      {"protobuf", bytes_of("0a 03 612f62 10 02 18 01 20 02 28 00 30 05 40 02 48 07 52 01 61")},
      {"zeros", std::string(64, '\0')},
      {"ones", std::string(64, '\xff')},
      {"blanks", std::string(64, ' ')},
  };
  for (const auto& c : cases) {
    for (std::size_t at = 0; at < c.payload.size(); ++at) {
      for (const Side side : {kClient, kBroker}) {
        for (const Version version : {unknown, v3_1_1, v5}) {
          EXPECT_FALSE(looks_like_packets(std::string_view(c.payload).substr(at), side, version))
              << c.why << ", from " << at << ", version " << static_cast<int>(version);
        }
      }
    }
  }
}

/// A payload that holds MQTT, as of a recorder or a tunnel: only where the outer packet ends with the inner
/// one and nothing of it came before, the two cannot be distinguished.
TEST(LooksLikePackets, RejectsTheInsideOfAPayloadWithPackets) {
  const std::string inner = bytes_of("32 0d 0007 612f622f632f64 0001 3132");
  const std::string payload = "seen: " + inner + " and " + inner + " - no more";
  const std::string outer = "\x30" + std::string(1, static_cast<char>(9 + payload.size())) +
                            std::string("\0\7", 2) + "log/all" + payload;
  const std::string next = bytes_of("40 02 0001");
  for (const std::string& sent : {outer, outer + outer, outer + next}) {
    for (std::size_t at = 0; at < sent.size(); ++at) {
      const bool begins_packet = at == 0 || at == outer.size();
      EXPECT_EQ(looks_like_packets(std::string_view(sent).substr(at), kBroker, v3_1_1), begins_packet) << at;
    }
  }
}

/// Random bytes are mistaken for packets as rarely as the contract says.
TEST(LooksLikePackets, IsWrongAsRarelyAsDocumented) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::cerr << "seed " << seed << "\n";
  const struct {
    const char* why;
    std::size_t bytes;
    int rounds;
    int max;  ///< Far above the expected number, so that the test does not fail by chance.
  } cases[] = {{"the length of an acknowledgement", 4, 200'000, 100},
               {"a short packet", 16, 200'000, 15},
               {"a longer packet", 64, 200'000, 10},
               {"a full segment", 1448, 20'000, 3}};
  for (const auto& c : cases) {
    std::mt19937_64 random(seed);
    std::string payload(c.bytes, '\0');
    int yes = 0;
    for (int round = 0; round < c.rounds; ++round) {
      for (std::size_t i = 0; i < c.bytes; i += 4) {
        const std::uint64_t word = random();
        for (unsigned k = 0; k < 4; ++k) payload[i + k] = static_cast<char>(word >> (8 * k));
      }
      yes += looks_like_packets(payload, round % 2 == 0 ? kClient : kBroker, unknown) ? 1 : 0;
    }
    EXPECT_LE(yes, c.max) << c.why << ": of " << c.rounds << " with " << c.bytes << " bytes";
  }
}

}  // namespace
}  // namespace mre::mqtt
