// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "exporter/mqtt/packet_layout.h"

/// Whether bytes are what the standard wants of a packet, for those who must tell packets from something
/// else. What is read of a connection is read by PacketReader, which asks for much less.
namespace mre::mqtt {

/// Whether `body` is all of such a packet behind its fixed header. `layout` is v3 or v5; codes must be known,
/// and topics without control characters, which the standard only advises against.
bool is_well_formed(std::uint8_t first_byte, std::string_view body, Layout layout);

/// Whether the flags are those of the type, and this side sends it in this version.
bool may_send(Side sender, std::uint8_t first_byte, Layout layout);

/// Whether it is a topic name, of which the end may not be there yet.
bool begins_topic_name(std::string_view topic);

/// The version of the connection, if a whole SUBSCRIBE, UNSUBSCRIBE or PUBLISH is well-formed in one layout
/// only; else unknown.
Version version_told_by(std::uint8_t first_byte, std::string_view body);

}  // namespace mre::mqtt
