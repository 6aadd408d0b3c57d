// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exporter/mqtt/wire.h"

/// Packet types and layouts, shared by the packet readers.
namespace mre::mqtt {

/// The upper half of a packet's first byte. OASIS MQTT 5.0 section 2.1.2.
enum class PacketType : std::uint8_t {
  reserved = 0,
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

constexpr std::uint8_t byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

constexpr PacketType type_of(std::uint8_t first_byte) { return static_cast<PacketType>(first_byte >> 4U); }

/// A set of types, one bit each.
using TypeSet = std::uint16_t;
template <class... Types>
constexpr TypeSet types(Types... type) {
  return static_cast<TypeSet>((0U | ... | (1U << static_cast<unsigned>(type))));
}
constexpr bool contains(TypeSet set, PacketType type) { return (set & types(type)) != 0; }

/// How packets are laid out. MQTT 3.1 and 3.1.1 differ in CONNECT only.
enum class Layout : std::uint8_t { v3, v5, unknown };

constexpr Layout layout_of(Version version) {
  switch (version) {
    case Version::v3:
    case Version::v3_1:
    case Version::v3_1_1:
      return Layout::v3;
    case Version::v5:
      return Layout::v5;
    case Version::unknown:
    case Version::other:
      break;
  }
  return Layout::unknown;
}

inline void learn(Version& version, Version learnt) {
  if (version == Version::unknown) version = learnt;
}

/// The packet with reason codes of this type; CONNACK for types without reason codes.
constexpr Packet packet_of(PacketType type) {
  switch (type) {
    case PacketType::puback:
      return Packet::puback;
    case PacketType::pubrec:
      return Packet::pubrec;
    case PacketType::pubrel:
      return Packet::pubrel;
    case PacketType::pubcomp:
      return Packet::pubcomp;
    case PacketType::suback:
      return Packet::suback;
    case PacketType::unsuback:
      return Packet::unsuback;
    case PacketType::disconnect:
      return Packet::disconnect;
    case PacketType::auth:
      return Packet::auth;
    default:
      return Packet::connack;
  }
}

inline constexpr std::uint32_t kIdBytes = 2;    ///< Of a packet identifier: section 2.2.1.
inline constexpr unsigned kMaxNumberBytes = 4;  ///< Of a variable byte integer: section 1.5.5.

}  // namespace mre::mqtt
