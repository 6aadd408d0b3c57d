// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/reason_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "exporter/mqtt/reason_table.h"

namespace mre::mqtt {
namespace {

// What the standard says of the table as a whole, at compile time.

using table::kReasons;

constexpr bool every(auto predicate) { return std::all_of(kReasons.begin(), kReasons.end(), predicate); }

constexpr std::size_t distinct_codes(Protocol protocol) {
  bool seen[256] = {};
  for (const Reason& r : kReasons) {
    if (r.protocol == protocol) seen[r.code] = true;
  }
  return static_cast<std::size_t>(std::count(std::begin(seen), std::end(seen), true));
}

constexpr bool is_sorted_by_protocol_and_code() {
  return std::is_sorted(kReasons.begin(), kReasons.end(), [](const Reason& a, const Reason& b) {
    const bool a_later = a.protocol != Protocol::v5;
    const bool b_later = b.protocol != Protocol::v5;
    return a_later != b_later ? b_later : a.code < b.code;
  });
}

/// A byte in a packet has one meaning in one version.
constexpr bool no_row_overlaps_another() {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Reason& a = kReasons[i];
      const Reason& b = kReasons[j];
      if (a.protocol == b.protocol && a.code == b.code && (a.packets & b.packets) != 0) return false;
    }
  }
  return true;
}

/// In one version a label means one byte, and no two rows of it.
constexpr bool labels_are_unique() {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (kReasons[i].protocol == kReasons[j].protocol && kReasons[i].label == kReasons[j].label)
        return false;
    }
  }
  return true;
}

constexpr bool is_snake_case_of(std::string_view label, std::string_view name) {
  if (label.size() != name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const char wanted = c == ' ' || c == '-'   ? '_'
                        : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a')
                                               : c;
    if (label[i] != wanted) return false;
  }
  return true;
}

constexpr PacketSet kBrokerOnly = set_of(Packet::connack) | set_of(Packet::suback) |
                                  set_of(Packet::unsuback);  // a client never sends these

static_assert(distinct_codes(Protocol::v5) == 43);
static_assert(distinct_codes(Protocol::v3_1_1) == 7);  // CONNACK 0 to 5, SUBACK 0 1 2 0x80
static_assert(is_sorted_by_protocol_and_code());
static_assert(no_row_overlaps_another());
static_assert(labels_are_unique());
static_assert(every([](const Reason& r) { return r.packets != 0 && r.packets < (1U << kPackets); }));
static_assert(every([](const Reason& r) { return r.packets == (r.by_broker | r.by_client); }));
static_assert(every([](const Reason& r) { return (r.by_client & kBrokerOnly) == 0; }));
static_assert(every([](const Reason& r) {
  return r.sender == (r.by_client == 0 ? Sender::broker : r.by_broker == 0 ? Sender::client : Sender::both);
}));
static_assert(every([](const Reason& r) {
  return r.protocol == Protocol::v5 || r.protocol == Protocol::v3_1_1;
}));
static_assert(every([](const Reason& r) { return !r.meaning.empty() && !r.first_step.empty(); }));
static_assert(every([](const Reason& r) {
  return r.section.starts_with(r.protocol == Protocol::v5 ? "5.0 §" : "3.1.1 §");
}));
static_assert(every([](const Reason& r) {
  return r.protocol != Protocol::v5 || is_snake_case_of(r.label, r.name);
}));
// "A Reason Code is a one byte unsigned value … less than 0x80 indicate successful completion" (5.0 §2.4).
static_assert(every([](const Reason& r) {
  return r.protocol != Protocol::v5 || (r.cls == Class::error) == (r.code >= 0x80);
}));
static_assert(every([](const Reason& r) {
  return (r.cls == Class::success) == (r.code <= 2 && (r.code == 0 || r.packets == set_of(Packet::suback)));
}));
// "If the Server sends a CONNACK with a non-zero return code it MUST close the connection" (3.1.1 §3.2.2.3).
static_assert(every([](const Reason& r) {
  return !contains(r.packets, Packet::connack) || (r.cls == Class::error) == (r.code != 0);
}));

/// OASIS MQTT 5.0, table 2-6: code, name, packets.
struct StandardRow {
  std::uint8_t code;
  std::string_view name;
  std::string_view packets;
};
constexpr StandardRow kStandard[] = {
    {0x00, "Success", "CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK, AUTH"},
    {0x00, "Normal disconnection", "DISCONNECT"},
    {0x00, "Granted QoS 0", "SUBACK"},
    {0x01, "Granted QoS 1", "SUBACK"},
    {0x02, "Granted QoS 2", "SUBACK"},
    {0x04, "Disconnect with Will Message", "DISCONNECT"},
    {0x10, "No matching subscribers", "PUBACK, PUBREC"},
    {0x11, "No subscription existed", "UNSUBACK"},
    {0x18, "Continue authentication", "AUTH"},
    {0x19, "Re-authenticate", "AUTH"},
    {0x80, "Unspecified error", "CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT"},
    {0x81, "Malformed Packet", "CONNACK, DISCONNECT"},
    {0x82, "Protocol Error", "CONNACK, DISCONNECT"},
    {0x83, "Implementation specific error", "CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT"},
    {0x84, "Unsupported Protocol Version", "CONNACK"},
    {0x85, "Client Identifier not valid", "CONNACK"},
    {0x86, "Bad User Name or Password", "CONNACK"},
    {0x87, "Not authorized", "CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT"},
    {0x88, "Server unavailable", "CONNACK"},
    {0x89, "Server busy", "CONNACK, DISCONNECT"},
    {0x8A, "Banned", "CONNACK"},
    {0x8B, "Server shutting down", "DISCONNECT"},
    {0x8C, "Bad authentication method", "CONNACK, DISCONNECT"},
    {0x8D, "Keep Alive timeout", "DISCONNECT"},
    {0x8E, "Session taken over", "DISCONNECT"},
    {0x8F, "Topic Filter invalid", "SUBACK, UNSUBACK, DISCONNECT"},
    {0x90, "Topic Name invalid", "CONNACK, PUBACK, PUBREC, DISCONNECT"},
    {0x91, "Packet Identifier in use", "PUBACK, PUBREC, SUBACK, UNSUBACK"},
    {0x92, "Packet Identifier not found", "PUBREL, PUBCOMP"},
    {0x93, "Receive Maximum exceeded", "DISCONNECT"},
    {0x94, "Topic Alias invalid", "DISCONNECT"},
    {0x95, "Packet too large", "CONNACK, DISCONNECT"},
    {0x96, "Message rate too high", "DISCONNECT"},
    {0x97, "Quota exceeded", "CONNACK, PUBACK, PUBREC, SUBACK, DISCONNECT"},
    {0x98, "Administrative action", "DISCONNECT"},
    {0x99, "Payload format invalid", "CONNACK, PUBACK, PUBREC, DISCONNECT"},
    {0x9A, "Retain not supported", "CONNACK, DISCONNECT"},
    {0x9B, "QoS not supported", "CONNACK, DISCONNECT"},
    {0x9C, "Use another server", "CONNACK, DISCONNECT"},
    {0x9D, "Server moved", "CONNACK, DISCONNECT"},
    {0x9E, "Shared Subscriptions not supported", "SUBACK, DISCONNECT"},
    {0x9F, "Connection rate exceeded", "CONNACK, DISCONNECT"},
    {0xA0, "Maximum connect time", "DISCONNECT"},
    {0xA1, "Subscription Identifiers not supported", "SUBACK, DISCONNECT"},
    {0xA2, "Wildcard Subscriptions not supported", "SUBACK, DISCONNECT"},
};

PacketSet packets_from(std::string_view list) {
  PacketSet set = 0;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(", "));
    set = static_cast<PacketSet>(set | set_of(packet_from(name).value()));
    list.remove_prefix(std::min(list.size(), name.size() + 2));
  }
  return set;
}

TEST(ReasonCode, MatchesTheTablesOfTheStandard) {
  std::size_t i = 0;
  for (const Reason& reason : reasons()) {
    if (reason.protocol != Protocol::v5) continue;
    ASSERT_LT(i, std::size(kStandard));
    const StandardRow& row = kStandard[i++];
    EXPECT_EQ(reason.code, row.code);
    EXPECT_EQ(reason.name, row.name);
    EXPECT_EQ(reason.packets, packets_from(row.packets)) << row.name;
  }
  EXPECT_EQ(i, std::size(kStandard));
}

TEST(ReasonCode, FindAgreesWithTheTableForEveryByte) {
  for (const Protocol protocol : {Protocol::v3_1, Protocol::v3_1_1, Protocol::v5, Protocol::unknown}) {
    for (std::size_t p = 0; p < kPackets; ++p) {
      for (unsigned code = 0; code < 256; ++code) {
        const auto packet = static_cast<Packet>(p);
        const auto row_of = [&](Protocol version) {
          const auto rows = reasons();
          const auto at = std::find_if(rows.begin(), rows.end(), [&](const Reason& r) {
            return r.protocol == version && r.code == code && contains(r.packets, packet);
          });
          return at == rows.end() ? nullptr : &*at;
        };
        const Reason* expected = protocol == Protocol::v5 || protocol == Protocol::unknown
                                     ? row_of(Protocol::v5)
                                     : row_of(Protocol::v3_1_1);
        if (protocol == Protocol::unknown && expected == nullptr) expected = row_of(Protocol::v3_1_1);
        const auto byte = static_cast<std::uint8_t>(code);
        EXPECT_EQ(find(protocol, packet, byte), expected) << to_string(protocol) << to_string(packet) << code;
        if (expected != nullptr) {
          EXPECT_EQ(reason_label(protocol, packet, byte), expected->label);
          EXPECT_EQ(classify(protocol, packet, byte), expected->cls);
        }
      }
    }
  }
}

struct ByteCase {
  Protocol protocol;
  Packet packet;
  std::uint8_t code;
  std::string_view label;
  Class cls;
  std::string_view why;
};

TEST(ReasonCode, TheMeaningOfAByteDependsOnPacketAndVersion) {
  constexpr ByteCase kCases[] = {
      {Protocol::v5, Packet::connack, 0x00, "success", Class::success, "0x00 has three names"},
      {Protocol::v5, Packet::disconnect, 0x00, "normal_disconnection", Class::success,
       "0x00 has three names"},
      {Protocol::v5, Packet::suback, 0x00, "granted_qos_0", Class::success, "0x00 has three names"},
      {Protocol::v5, Packet::suback, 0x01, "granted_qos_1", Class::success, "granted"},
      {Protocol::v3_1_1, Packet::connack, 0x01, "unsupported_protocol_version", Class::error, "refused"},
      {Protocol::v3_1, Packet::connack, 0x05, "not_authorized", Class::error, "3.1 has the rows of 3.1.1"},
      {Protocol::unknown, Packet::connack, 0x05, "not_authorized", Class::error, "can only be 3.x"},
      {Protocol::unknown, Packet::connack, 0x87, "not_authorized", Class::error, "5.0 first"},
      {Protocol::v3_1_1, Packet::suback, 0x80, "unspecified_error", Class::error, "the one failure of 3.1.1"},
      {Protocol::v5, Packet::puback, 0x10, "no_matching_subscribers", Class::informational,
       "no one is alerted"},
      {Protocol::v5, Packet::connack, 0x10, "unknown", Class::error, "a CONNACK but 0 refuses"},
      {Protocol::unknown, Packet::connack, 0x10, "unknown", Class::error, "a CONNACK but 0 refuses"},
      {Protocol::v5, Packet::puback, 0x01, "unknown", Class::informational, "no QoS is granted in a PUBACK"},
      {Protocol::v5, Packet::disconnect, 0x7F, "unknown", Class::informational, "unknown below 0x80"},
      {Protocol::v5, Packet::disconnect, 0xFF, "unknown", Class::error, "unknown from 0x80"},
      {Protocol::v3_1_1, Packet::suback, 0x87, "not_authorized", Class::error,
       "not in 3.1.1, but NanoMQ sends it"},
      {Protocol::v3_1_1, Packet::puback, 0x87, "not_authorized", Class::error,
       "a PUBACK of 3.1.1 has no code"},
      {Protocol::v5, Packet::puback, 0x95, "packet_too_large", Class::error,
       "not allowed, but Mosquitto sends it"},
      {Protocol::v5, Packet::connack, 0x8D, "keep_alive_timeout", Class::error,
       "only a DISCONNECT may have it"},
  };
  for (const ByteCase& c : kCases) {
    EXPECT_EQ(reason_label(c.protocol, c.packet, c.code), c.label) << c.why;
    EXPECT_EQ(classify(c.protocol, c.packet, c.code), c.cls) << c.why;
  }
}

struct SenderCase {
  Packet packet;
  std::uint8_t code;
  bool broker;
  bool client;
};

TEST(ReasonCode, KnowsWhoMaySendACode) {
  constexpr SenderCase kCases[] = {
      {Packet::connack, 0x00, true, false},    {Packet::connack, 0x87, true, false},
      {Packet::suback, 0x00, true, false},     {Packet::suback, 0x87, true, false},
      {Packet::unsuback, 0x11, true, false},   {Packet::puback, 0x00, true, true},
      {Packet::puback, 0x10, true, false},     {Packet::pubrec, 0x10, true, false},
      {Packet::pubrec, 0x87, true, true},      {Packet::pubrel, 0x92, true, true},
      {Packet::pubcomp, 0x00, true, true},     {Packet::disconnect, 0x00, false, true},
      {Packet::disconnect, 0x04, false, true}, {Packet::disconnect, 0x80, true, true},
      {Packet::disconnect, 0x87, true, false}, {Packet::disconnect, 0x8B, true, false},
      {Packet::disconnect, 0x8D, true, false}, {Packet::disconnect, 0x8E, true, false},
      {Packet::disconnect, 0x93, true, true},  {Packet::disconnect, 0x9A, true, false},
      {Packet::auth, 0x00, true, false},       {Packet::auth, 0x18, true, true},
      {Packet::auth, 0x19, false, true},       {Packet::pubrel, 0x10, false, false},
  };
  for (const SenderCase& c : kCases) {
    const auto why = std::string(to_string(c.packet)) + ' ' + std::to_string(c.code);
    EXPECT_EQ(allowed(Protocol::v5, c.packet, Direction::sent, c.code), c.broker) << why;
    EXPECT_EQ(allowed(Protocol::v5, c.packet, Direction::received, c.code), c.client) << why;
    EXPECT_EQ(allowed(Protocol::v5, c.packet, Direction::unknown, c.code), c.broker || c.client) << why;
  }
  EXPECT_FALSE(allowed(Protocol::v3_1_1, Packet::puback, Direction::sent, 0)) << "no code in 3.1.1";
  EXPECT_TRUE(allowed(Protocol::v3_1, Packet::connack, Direction::sent, 5));
}

TEST(ReasonCode, LabelsCanBeParsed) {
  for (std::size_t i = 0; i < kPackets; ++i) {
    EXPECT_EQ(packet_from(to_string(static_cast<Packet>(i))), static_cast<Packet>(i));
  }
  for (std::size_t i = 0; i < kDirections; ++i) {
    EXPECT_EQ(direction_from(to_string(static_cast<Direction>(i))), static_cast<Direction>(i));
  }
  for (std::size_t i = 0; i < kProtocols; ++i) {
    EXPECT_EQ(protocol_from(to_string(static_cast<Protocol>(i))), static_cast<Protocol>(i));
  }
  EXPECT_EQ(to_string(Class::informational), "informational");
  EXPECT_EQ(packet_from("unsuback"), Packet::unsuback) << "any case";
  for (const std::string_view bad : {"", "PUB", "PUBLISH", "CONNACKS"})
    EXPECT_EQ(packet_from(bad), std::nullopt);
  EXPECT_EQ(protocol_from("5"), std::nullopt);
}

}  // namespace
}  // namespace mre::mqtt
