// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/connect_names.h"

#include "exporter/mqtt/packet_fields.h"

namespace mre::mqtt {
namespace {

constexpr std::uint8_t kConnect = 0x10;
constexpr std::uint8_t kLevel5 = 5;
constexpr std::uint8_t kHasWill = 0x04;
constexpr std::uint8_t kHasUser = 0x80;

void skip_properties(PacketFields& fields, std::uint8_t level) {
  if (level == kLevel5) fields.view(fields.variable_number());
}

}  // namespace

std::optional<ConnectNames> connect_names(std::string_view bytes) {
  PacketFields packet(bytes);
  packet.require(packet.byte() == kConnect);
  PacketFields fields(packet.view(packet.variable_number()));
  if (packet.failed()) return std::nullopt;
  fields.binary();  // name of the protocol
  const std::uint8_t level = fields.byte();
  const std::uint8_t flags = fields.byte();
  fields.number(2);  // keep-alive
  skip_properties(fields, level);
  ConnectNames names;
  names.client = fields.binary();
  if ((flags & kHasWill) != 0) {
    skip_properties(fields, level);
    fields.binary();  // topic
    fields.binary();  // payload
  }
  if ((flags & kHasUser) != 0) names.user = fields.binary();
  if (fields.failed()) return std::nullopt;
  return names;
}

}  // namespace mre::mqtt
