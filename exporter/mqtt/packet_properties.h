// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "exporter/mqtt/packet_fields.h"

namespace mre::mqtt {

/// The properties of a packet, one bit each: bit 0x26 is the user property.
using PropertySet = std::uint64_t;
inline constexpr PropertySet kTopicAlias = PropertySet{1} << 0x23U;

/// Reads the property length and the properties. `fields` fails if a property is not allowed in this packet,
/// is an invalid duplicate, or is truncated. PacketType::reserved means the will properties of a CONNECT.
PropertySet read_properties(PacketFields& fields, PacketType type);

}  // namespace mre::mqtt
