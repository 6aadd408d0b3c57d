// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "exporter/mqtt/packet_fields.h"

namespace mre::mqtt {

/// The properties that a packet has, one bit each: bit 0x26 is the user property.
using PropertySet = std::uint64_t;
inline constexpr PropertySet kTopicAlias = PropertySet{1} << 0x23U;

/// Takes the length of the properties and them. Fails where one is not of this packet, comes twice though it
/// may not, or does not fit. PacketType::reserved stands for the will of a CONNECT.
PropertySet take_properties(PacketFields& fields, PacketType type);

}  // namespace mre::mqtt
