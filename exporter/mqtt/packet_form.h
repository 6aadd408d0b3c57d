// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "exporter/mqtt/packet_layout.h"

/// Strict validation of whole packets, to distinguish packets from other bytes. Packets of a followed connection are
/// read by PacketReader, which validates much less.
namespace mre::mqtt {

/// Whether `body` is exactly the rest of such a packet after its fixed header. `layout` is v3 or v5. Codes
/// must be known, and topics must have no control characters (the standard only advises against them).
bool is_well_formed(std::uint8_t first_byte, std::string_view body, Layout layout);

/// Whether the flags fit the packet type, and this side may send that type in this version.
bool may_send(Side sender, std::uint8_t first_byte, Layout layout);

/// Whether `topic` is the beginning of a valid topic name; its end may be missing.
bool begins_topic_name(std::string_view topic);

/// The version of the connection if a whole SUBSCRIBE, UNSUBSCRIBE or PUBLISH is well formed in one layout
/// only; otherwise unknown.
Version version_implied_by(std::uint8_t first_byte, std::string_view body);

}  // namespace mre::mqtt
