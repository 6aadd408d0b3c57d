// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// The reason codes of MQTT: what a byte means, in which packet, for which version of the protocol.
/// Source: OASIS MQTT 5.0 section 2.4 and 3.x.2; OASIS MQTT 3.1.1 sections 3.2.2.3 (CONNACK) and 3.9.3
/// (SUBACK).
namespace mre::mqtt {

/// The nine packets that carry a reason code.
enum class Packet : std::uint8_t {
  connack,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  suback,
  unsuback,
  disconnect,
  auth
};
inline constexpr std::size_t kPackets = 9;

/// From the point of view of the broker. `unknown`: the record does not say who sent the packet.
enum class Direction : std::uint8_t { sent, received, unknown };
inline constexpr std::size_t kDirections = 3;

/// The protocol version of the client. `unknown`: the record does not say.
enum class Protocol : std::uint8_t { v3_1, v3_1_1, v5, unknown };
inline constexpr std::size_t kProtocols = 4;

enum class Class : std::uint8_t { success, informational, error };

// Label values ("CONNACK", "sent", "3.1.1", "error") and back.
std::string_view to_string(Packet packet);
std::string_view to_string(Direction direction);
std::string_view to_string(Protocol protocol);
std::string_view to_string(Class cls);
std::optional<Packet> packet_from(std::string_view text);        // "CONNACK", any case
std::optional<Direction> direction_from(std::string_view text);  // "sent"
std::optional<Protocol> protocol_from(std::string_view text);    // "3.1.1"

/// A set of packets, one bit each.
using PacketSet = std::uint16_t;
constexpr PacketSet set_of(Packet packet) {
  return static_cast<PacketSet>(1U << static_cast<unsigned>(packet));
}
constexpr bool contains(PacketSet set, Packet packet) { return (set & set_of(packet)) != 0; }

/// Who may send a code.
enum class Sender : std::uint8_t { broker, client, both };

/// One meaning of one byte. The byte alone does not identify it: 0x00 has three names, and 0x01 is "Granted
/// QoS 1" in a SUBACK and "unacceptable protocol version" in a CONNACK of MQTT 3.1.1.
struct Reason {
  Protocol protocol;       ///< v5 or v3_1_1 (these rows apply to MQTT 3.1 too).
  std::uint8_t code;       ///< The byte on the wire.
  std::string_view name;   ///< The name in the standard: "Bad User Name or Password".
  std::string_view label;  ///< The `reason` label: "bad_user_name_or_password". 3.1.1 rows take the label of
                           ///< the MQTT 5.0 code of the same meaning.
  Class cls;
  PacketSet packets;    ///< The packets in which the standard allows it under this name.
  Sender sender;        ///< Over all its packets; the two sets below say it for each packet.
  PacketSet by_broker;  ///< The packets in which a broker may send it.
  PacketSet by_client;  ///< The packets in which a client may send it. 0x10 in a PUBACK: the broker only.
  std::string_view meaning;     ///< One sentence for operators, not quoted from the standard.
  std::string_view first_step;  ///< The first thing an operator should do.
  std::string_view section;     ///< Of the standard, e.g. "5.0 §3.2.2.2".
};

/// All rows, ordered by protocol (5.0 first), then code.
std::span<const Reason> reasons();

/// The row for a byte in a packet; null if the standard has none. For Protocol::unknown: the MQTT 5.0 row,
/// else the 3.1.1 row (a CONNACK with 5 can only be 3.x).
const Reason* find(Protocol protocol, Packet packet, std::uint8_t code);

/// The class of any byte, defined by the standard or not.
///
/// Any CONNACK other than 0 refuses the connection and is an error in all versions, although MQTT 3.x uses 1
/// to 5 and 0x10 is informational in other packets. In other packets 0x80 and above is an error, 0 and a
/// granted QoS are success, and the rest, including unknown bytes, is informational.
constexpr Class classify(Protocol /*the same in all versions*/, Packet packet, std::uint8_t code) {
  if (code == 0) return Class::success;
  if (code >= 0x80 || packet == Packet::connack) return Class::error;
  const bool granted_qos = packet == Packet::suback && code <= 2;
  return granted_qos ? Class::success : Class::informational;
}

/// The `reason` label of any byte. A byte of 0x80 or above has its MQTT 5.0 name also in packets and versions
/// in which the standard does not allow it, because brokers send some there. "unknown" for a byte without a
/// meaning.
std::string_view reason_label(Protocol protocol, Packet packet, std::uint8_t code);

/// Whether the standard allows this byte in this packet in this direction. Direction::unknown: in either one.
bool allowed(Protocol protocol, Packet packet, Direction direction, std::uint8_t code);

/// The MQTT 5.0 byte for a name in any spelling: as in the standard, snake_case, kebab-case, CamelCase,
/// UPPER_CASE, or an alias some broker uses ("keepalive_timeout", "NO_SUBSCRIPTIONS_EXISTED"). Everything
/// up to the last '.' or "::" (a package or an enum) is skipped. "success", "normal_disconnection" and
/// "granted_qos_0" are all 0x00. nullopt if no code has that name. Allocates nothing; time
/// is linear in the name.
///
/// Names that only MQTT 3.1.1 has ("unacceptable_protocol_version") give the MQTT 5.0 byte of the same
/// meaning, whose 3.1.1 byte is `connack_3_1_1_from_5_0` of it. The exception is Netty's enum, in which
/// CONNECTION_REFUSED_NOT_AUTHORIZED is 0x05 and CONNECTION_REFUSED_NOT_AUTHORIZED_5 is 0x87: the five
/// constants that have the 3.1.1 byte give nullopt, so that no wrong byte is counted. A profile maps them.
std::optional<std::uint8_t> code_from_name(std::string_view name);

/// The CONNACK return code of MQTT 3.1.1 whose meaning is nearest to an MQTT 5.0 CONNACK code; nullopt if
/// there is none. Brokers differ: a profile overrides it for a broker with another mapping.
std::optional<std::uint8_t> connack_3_1_1_from_5_0(std::uint8_t code);

}  // namespace mre::mqtt
