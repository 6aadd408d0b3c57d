// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "exporter/mqtt/reason_code.h"

namespace mre::mqtt {
namespace {

struct NameCase {
  std::string_view name;
  std::optional<std::uint8_t> code;
  std::string_view why;
};

TEST(ReasonName, EverySpellingOfANameGivesItsByte) {
  for (const Reason& reason : reasons()) {
    if (reason.protocol != Protocol::v5) continue;
    std::string kebab(reason.label);
    std::string upper(reason.label);
    std::string camel;
    for (std::size_t i = 0; i < reason.label.size(); ++i) {
      const char c = reason.label[i];
      if (c == '_') kebab[i] = '-';
      if (c >= 'a' && c <= 'z') upper[i] = static_cast<char>(c - 'a' + 'A');
      if (c != '_') camel += i == 0 || reason.label[i - 1] == '_' ? upper[i] : c;
    }
    for (const std::string& name :
         {std::string(reason.name), std::string(reason.label), kebab, upper, camel,
          "com.example.v5.Mqtt5ReasonCode." + upper, "mqtt::ReasonCode::" + camel}) {
      EXPECT_EQ(code_from_name(name), reason.code) << name;
    }
  }
}

TEST(ReasonName, KnowsTheAliasesOfBrokers) {
  constexpr NameCase kCases[] = {
      {"granted_qos1", 0x01, "EMQX"},
      {"keepalive_timeout", 0x8D, "EMQX"},
      {"packet_identifier_inuse", 0x91, "EMQX"},
      {"bad_username_or_password", 0x86, "EMQX"},
      {"server_unavaliable", 0x88, "EMQX 4 writes it so"},
      {"NORMAL_DISCONNECT", 0x00, "Netty"},
      {"NO_SUBSCRIPTIONS_EXISTED", 0x11, "HiveMQ"},
      {"impl_specific_error", 0x83, "VerneMQ"},
      {"receive_max_exceeded", 0x93, "VerneMQ"},
      {"wildcard_subs_not_supported", 0xA2, "VerneMQ"},
      {"SHARED_SUBSCRIPTION_NOT_SUPPORTED", 0x9E, "HiveMQ"},
      {"max_connect_time", 0xA0, "VerneMQ"},
      {"session_takeover", 0x8E, "mochi"},
      {"not authorised", 0x87, "Mosquitto"},
      {"Connection Refused: not authorised.", 0x87, "Mosquitto, with the end of a sentence"},
      {"unacceptable_protocol_version", 0x84, "3.1.1: the MQTT 5.0 byte of the same meaning"},
      {"Connection Refused, identifier rejected", 0x85, "3.1.1, as in the standard"},
  };
  for (const NameCase& c : kCases) EXPECT_EQ(code_from_name(c.name), c.code) << c.name << ": " << c.why;
}

TEST(ReasonName, DistinguishesNettysTwoKindsOfBytes) {
  constexpr NameCase kCases[] = {
      {"CONNECTION_REFUSED_NOT_AUTHORIZED_5", 0x87, "5.0"},
      {"CONNECTION_REFUSED_NOT_AUTHORIZED", std::nullopt, "0x05 of 3.1.1"},
      {"CONNECTION_REFUSED_SERVER_UNAVAILABLE_5", 0x88, "5.0"},
      {"CONNECTION_REFUSED_SERVER_UNAVAILABLE", std::nullopt, "0x03 of 3.1.1"},
      {"CONNECTION_REFUSED_BAD_USERNAME_OR_PASSWORD", 0x86, "5.0"},
      {"CONNECTION_REFUSED_BAD_USER_NAME_OR_PASSWORD", std::nullopt, "0x04 of 3.1.1: one underscore more"},
      {"CONNECTION_REFUSED_CLIENT_IDENTIFIER_NOT_VALID", 0x85, "5.0"},
      {"CONNECTION_REFUSED_IDENTIFIER_REJECTED", std::nullopt, "0x02 of 3.1.1"},
      {"CONNECTION_REFUSED_UNSUPPORTED_PROTOCOL_VERSION", 0x84, "5.0"},
      {"CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION", std::nullopt, "0x01 of 3.1.1"},
      {"MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED", std::nullopt, "the enum's name before it"},
      {"CONNECTION_REFUSED_IMPLEMENTATION_SPECIFIC", 0x83, "5.0"},
      {"CONNECTION_ACCEPTED", 0x00, "the same in both"},
  };
  for (const NameCase& c : kCases) EXPECT_EQ(code_from_name(c.name), c.code) << c.name << ": " << c.why;
}

TEST(ReasonName, AnUnknownNameGivesNothing) {
  const std::string long_name(100'000, 'a');
  const std::string padded_name = "not_authorized" + std::string(1'000, '_');
  const NameCase kCases[] = {
      {"", std::nullopt, "empty"},
      {"...", std::nullopt, "nothing but dots"},
      {"::", std::nullopt, "nothing but a qualifier"},
      {"authorized", std::nullopt, "a part of a name"},
      {"not_authorized2", std::nullopt, "more than a name"},
      {"connection_refused", std::nullopt, "only the prefix"},
      {"\xFF\xFE", std::nullopt, "no text"},
      {std::string_view("not\0authorized", 14), 0x87, "every other byte is a separator"},
      {long_name, std::nullopt, "longer than any name"},
      {padded_name, 0x87, "separators do not count"},
  };
  for (const NameCase& c : kCases) EXPECT_EQ(code_from_name(c.name), c.code) << c.why;
}

TEST(ReasonName, ConnackCodesOf5HaveTheirReturnCodeOf3) {
  const auto is_connack_code = [](unsigned code) {
    return find(Protocol::v5, Packet::connack, static_cast<std::uint8_t>(code)) != nullptr;
  };
  for (unsigned code = 0; code < 256; ++code) {
    const auto mapped = connack_3_1_1_from_5_0(static_cast<std::uint8_t>(code));
    if (!mapped) continue;
    EXPECT_TRUE(is_connack_code(code)) << code;
    EXPECT_NE(find(Protocol::v3_1_1, Packet::connack, *mapped), nullptr) << code;
  }
  // The rows of 3.1.1 have the label of the 5.0 code that is mapped to them.
  for (const Reason& reason : reasons()) {
    if (reason.protocol == Protocol::v5 || !contains(reason.packets, Packet::connack)) continue;
    EXPECT_EQ(connack_3_1_1_from_5_0(code_from_name(reason.label).value()), reason.code) << reason.name;
  }
  EXPECT_EQ(connack_3_1_1_from_5_0(0x8A), 5) << "banned";
  EXPECT_EQ(connack_3_1_1_from_5_0(0x95), std::nullopt) << "packet too large has no counterpart";
}

}  // namespace
}  // namespace mre::mqtt
