// The MQTT source against a broker that answers as none may.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/source/mqtt_source_support.h"
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

/// A SUBACK with these codes, still without its packet identifier.
std::string suback(mqtt::Protocol protocol, const std::string& codes) {
  const std::string body = "\0\0"s + (protocol == mqtt::Protocol::v5 ? "\0"s : ""s) + codes;
  return "\x90"s + static_cast<char>(body.size()) + body;
}

struct SubackCase {
  std::string why;
  mqtt::Protocol protocol;
  std::size_t filters;
  std::string codes;  ///< Of each SUBACK.
  std::string state;  ///< What the source says then.
};

const std::string kMisfit = "a SUBACK has not one code for its one topic filter";
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

TEST_P(HostileSuback, IsNamedAndReadsNoForeignMemory) {
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
  EXPECT_TRUE(says(*source, one.state));
  EXPECT_EQ(source->status().records_dropped, 0U);
}

struct PublishCase {
  std::string why;
  std::string before_connack;  ///< Sent in front of the CONNACK.
  std::string after_suback;
  std::string taken;  ///< The record, as "topic payload".
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

TEST_P(HostilePublish, IsCountedAndIsNoRecord) {
  const PublishCase& one = GetParam();
  ScriptedBroker broker([&one](std::string_view packet) -> std::optional<std::string> {
    if (packet[0] == kConnect) return one.before_connack + connack(mqtt::Protocol::v5);
    if (packet[0] == kSubscribe)
      return answer_to(packet, suback(mqtt::Protocol::v5, "\1"s)) + one.after_suback;
    return ""s;
  });
  const auto source = make(options_for(broker.url()));
  EXPECT_EQ(take(*source), one.taken);
  EXPECT_EQ(source->status().records_invalid, 1U);
}

}  // namespace
}  // namespace mre
