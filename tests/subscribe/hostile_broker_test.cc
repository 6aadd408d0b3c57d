// SPDX-License-Identifier: Apache-2.0
// The MQTT source and a broker that violates the protocol.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "exporter/subscribe/receive_limit.h"
#include "tests/subscribe/mqtt_source_support.h"
#include "tests/support/scripted_broker.h"

namespace mre {
namespace {

using namespace std::string_literals;
using namespace test;

constexpr char kConnect = 0x10;
constexpr char kSubscribe = static_cast<char>(0x82);

std::string connack(mqtt::Protocol protocol) {
  return protocol == mqtt::Protocol::v5 ? "\x20\x03\x00\x00\x00"s : "\x20\x02\x00\x00"s;
}

/// A SUBACK with these codes and the packet identifier 0, to be replaced.
std::string suback(mqtt::Protocol protocol, const std::string& codes) {
  const std::string body = "\0\0"s + (protocol == mqtt::Protocol::v5 ? "\0"s : ""s) + codes;
  return "\x90"s + static_cast<char>(body.size()) + body;
}

struct SubackCase {
  std::string why;
  mqtt::Protocol protocol;
  std::size_t filters;
  std::string codes;  ///< In each SUBACK.
  std::string state;  ///< The resulting state.
};

const std::string kMisfit = "a SUBACK does not have exactly one code for its topic filter";
const SubackCase kSubacks[] = {
    {"OneCodeForOneFilter", mqtt::Protocol::v3_1_1, 1, "\1"s, "subscribed"},
    {"OneCodeForEachOfThree", mqtt::Protocol::v3_1_1, 3, "\1"s, "subscribed"},
    {"OneCodeForEachOfThreeV5", mqtt::Protocol::v5, 3, "\1"s, "subscribed"},
    {"FiveCodesForOneFilter", mqtt::Protocol::v3_1_1, 1, "\1\1\1\1\1"s, kMisfit},
    {"FiveCodesForEachOfTwo", mqtt::Protocol::v3_1_1, 2, "\1\1\1\1\1"s, kMisfit},
    {"FiveCodesForOneFilterV5", mqtt::Protocol::v5, 1, "\1\1\1\1\1"s, kMisfit},
    {"Refused", mqtt::Protocol::v3_1_1, 2, "\x80"s, "refused"},
    {"RefusedV5", mqtt::Protocol::v5, 2, "\x87"s, "refused"},
};

class HostileSuback : public testing::TestWithParam<SubackCase> {};
INSTANTIATE_TEST_SUITE_P(Mqtt, HostileSuback, testing::ValuesIn(kSubacks),
                         [](const auto& test) { return test.param.why; });

TEST_P(HostileSuback, IsReportedAndReadsNoForeignMemory) {
  const SubackCase& one = GetParam();
  ScriptedBroker broker([&one](std::string_view packet) -> std::optional<std::string> {
    if (packet[0] == kConnect) return connack(one.protocol);
    if (packet[0] == kSubscribe) return answer_to(packet, suback(one.protocol, one.codes));
    return ""s;
  });
  MqttOptions options = options_for(broker.url());
  options.protocol = one.protocol;
  options.topics.clear();
  for (std::size_t i = 0; i < one.filters; ++i) options.topics.push_back("events/" + std::to_string(i));
  const auto source = make(options);
  EXPECT_TRUE(reports(*source, one.state));
  EXPECT_EQ(source->status().records_dropped, 0U);
}

struct PublishCase {
  std::string why;
  std::string before_connack;  ///< Sent before the CONNACK.
  std::string after_suback;
  std::string record;  ///< As "topic payload".
};

const PublishCase kPublishes[] = {
    {"BeforeTheConnack",
     "\x30\x05\x00\x01"
     "a\x00"
     "1"s,
     "\x30\x05\x00\x01"
     "b\x00"
     "2"s,
     "b 2"},
    {"WithAnAliasNeverGranted", "",
     "\x30\x07\x00\x00\x03\x23\x00\x09"
     "1"
     "\x30\x05\x00\x01"
     "b\x00"
     "2"s,
     "b 2"},
    {"WithAWildcardInTheTopic", "",
     "\x30\x05\x00\x01#\x00"
     "1"
     "\x30\x05\x00\x01"
     "b\x00"
     "2"s,
     "b 2"},
};

class HostilePublish : public testing::TestWithParam<PublishCase> {};
INSTANTIATE_TEST_SUITE_P(Mqtt, HostilePublish, testing::ValuesIn(kPublishes),
                         [](const auto& test) { return test.param.why; });

TEST_P(HostilePublish, IsCountedAsInvalid) {
  const PublishCase& one = GetParam();
  ScriptedBroker broker([&one](std::string_view packet) -> std::optional<std::string> {
    if (packet[0] == kConnect) return one.before_connack + connack(mqtt::Protocol::v5);
    if (packet[0] == kSubscribe)
      return answer_to(packet, suback(mqtt::Protocol::v5, "\1"s)) + one.after_suback;
    return ""s;
  });
  const auto source = make(options_for(broker.url()));
  EXPECT_EQ(receive(*source), one.record);
  EXPECT_EQ(source->status().records_invalid, 1U);
}

/// The fixed header of a packet with a remaining length.
std::string header(char first, std::size_t remaining) {
  std::string bytes(1, first);
  do {
    bytes += static_cast<char>((remaining % 128) | (remaining >= 128 ? 0x80U : 0U));
  } while ((remaining /= 128) > 0);
  return bytes;
}

std::string publish(mqtt::Protocol protocol, int qos, std::uint16_t id, std::size_t payload) {
  std::string body = "\0\1a"s;
  if (qos > 0) body += {static_cast<char>(id >> 8U), static_cast<char>(id & 0xFFU)};
  if (protocol == mqtt::Protocol::v5) body += '\0';
  body += std::string(payload, 'x');
  return header(static_cast<char>(0x30 | (qos << 1)), body.size()) + body;
}

struct FloodCase {
  std::string why;
  mqtt::Protocol protocol;
  std::string connack;  ///< Instead of a valid one.
  std::string after_suback;
  std::string state;  ///< The resulting state.
};

constexpr std::size_t kQueueBytes = 2'000'000;
const std::string kTooLong = "sent a packet of 200000000 bytes or more; the limit is queue_bytes (2000000)";
const std::string kTooLongV5 =
    "sent a packet of 200000000 bytes or more; the limit is max_packet_bytes (65536)";

/// A packet of MQTT 5.0 with many empty user properties, of which the library makes 85 times as many bytes.
std::string with_properties(char first, const std::string& variable_header) {
  std::string properties;
  for (int i = 0; i < 60'000; ++i) properties += "\x26\0\0\0\0"s;
  const std::string length = header('\0', properties.size()).substr(1);
  const std::string body = variable_header + length + properties;
  return header(first, body.size()) + body;
}
std::string too_long(std::size_t bytes) {
  return "sent a packet of " + std::to_string(bytes) +
         " bytes or more; the limit is max_packet_bytes (65536)";
}

std::string unreleased(mqtt::Protocol protocol, unsigned count, std::size_t payload) {
  std::string packets;
  for (unsigned i = 1; i <= count; ++i)
    packets += publish(protocol, 2, static_cast<std::uint16_t>(i), payload);
  return packets;
}

const FloodCase kFloods[] = {
    {"APublish", mqtt::Protocol::v3_1_1, "", header(0x30, 200'000'000), kTooLong},
    {"APublishV5", mqtt::Protocol::v5, "", header(0x30, 200'000'000), kTooLongV5},
    {"PropertiesOfAPublish", mqtt::Protocol::v5, "", with_properties(0x30, "\0\1a"s), too_long(300'006)},
    {"PropertiesOfADisconnect", mqtt::Protocol::v5, "", with_properties(static_cast<char>(0xE0), "\x8b"s),
     too_long(300'004)},
    {"PropertiesOfAConnack", mqtt::Protocol::v5, with_properties(0x20, "\0\0"s), "", too_long(300'005)},
    {"AConnack", mqtt::Protocol::v3_1_1, header(0x20, 200'000'000), "", kTooLong},
    {"AConnackV5", mqtt::Protocol::v5, header(0x20, 200'000'000), "", kTooLongV5},
    {"APublishOfWhichMuchComes", mqtt::Protocol::v3_1_1, "",
     header(0x30, 200'000'000) + std::string(1'000'000, 'x'), kTooLong},
    {"BytesOfQos2", mqtt::Protocol::v3_1_1, "", unreleased(mqtt::Protocol::v3_1_1, 40, 60'000),
     "sent too many messages of QoS 2 without releasing them (33 with "},
    {"MessagesOfQos2", mqtt::Protocol::v3_1_1, "", unreleased(mqtt::Protocol::v3_1_1, 1025, 10),
     "sent too many messages of QoS 2 without releasing them (1024 with "},
    {"MessagesOfQos2V5", mqtt::Protocol::v5, "", unreleased(mqtt::Protocol::v5, 1025, 10),
     "sent too many messages of QoS 2 without releasing them (1024; the limit is 1024)"},
};

class Flood : public testing::TestWithParam<FloodCase> {};
INSTANTIATE_TEST_SUITE_P(Mqtt, Flood, testing::ValuesIn(kFloods),
                         [](const auto& test) { return test.param.why; });

TEST_P(Flood, EndsTheConnectionAndIsCounted) {
  const FloodCase& one = GetParam();
  ScriptedBroker broker([&](std::string_view packet) -> std::optional<std::string> {
    if (packet[0] == kConnect) return one.connack.empty() ? connack(one.protocol) : one.connack;
    if (packet[0] == kSubscribe) return answer_to(packet, suback(one.protocol, "\1"s)) + one.after_suback;
    return ""s;
  });
  MqttOptions options = options_for(broker.url());
  options.protocol = one.protocol;
  options.queue_bytes = kQueueBytes;
  const auto source = make(options);
  EXPECT_TRUE(reports(*source, one.state)) << source->status().state;
  EXPECT_GE(source->status().records_oversized, 1U);
}

TEST(ReceiveLimit, AppliesTheLargestLimitOfAtLeast256KiB) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd here{ends[0]};
  const Fd there{ends[1]};
  std::string room(4'000'000, '\0');
  const auto passes = [&](std::size_t bytes) {
    EXPECT_EQ(::send(there.get(), "x", 1, 0), 1);
    const bool got = ::recv(here.get(), room.data(), bytes, 0) > 0;
    EXPECT_EQ(ReceiveLimit::pop_refused(), got ? 0 : bytes);
    EXPECT_EQ(ReceiveLimit::pop_refused(), 0U) << "reported once";
    return got;
  };
  EXPECT_TRUE(passes(4'000'000));
  {
    const ReceiveLimit small(300);
    EXPECT_TRUE(passes(65'536)) << "other code of the process may read this much";
    EXPECT_FALSE(passes(300'000));
    const ReceiveLimit large(3'000'000);
    EXPECT_TRUE(passes(2'000'000));
    EXPECT_FALSE(passes(4'000'000));
  }
  EXPECT_TRUE(passes(4'000'000));
}

}  // namespace
}  // namespace mre
