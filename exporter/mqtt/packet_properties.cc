// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/packet_properties.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace mre::mqtt {
namespace {

enum class Form : std::uint8_t { one_byte, two_bytes, four_bytes, variable_number, text, binary, two_texts };

struct Property {
  std::uint8_t id;
  Form form;
  TypeSet in;
};

constexpr std::uint8_t kSubscriptionIdentifier = 0x0B;
constexpr std::uint8_t kUserProperty = 0x26;

using enum PacketType;
constexpr PacketType kWill = reserved;

/// OASIS MQTT 5.0 section 2.2.2.2, table 2-4, in its order.
constexpr auto kProperties = std::to_array<Property>({
    {0x01, Form::one_byte, types(publish, kWill)},
    {0x02, Form::four_bytes, types(publish, kWill)},
    {0x03, Form::text, types(publish, kWill)},
    {0x08, Form::text, types(publish, kWill)},
    {0x09, Form::binary, types(publish, kWill)},
    {kSubscriptionIdentifier, Form::variable_number, types(publish, subscribe)},
    {0x11, Form::four_bytes, types(connect, connack, disconnect)},
    {0x12, Form::text, types(connack)},
    {0x13, Form::two_bytes, types(connack)},
    {0x15, Form::text, types(connect, connack, auth)},
    {0x16, Form::binary, types(connect, connack, auth)},
    {0x17, Form::one_byte, types(connect)},
    {0x18, Form::four_bytes, types(kWill)},
    {0x19, Form::one_byte, types(connect)},
    {0x1A, Form::text, types(connack)},
    {0x1C, Form::text, types(connack, disconnect)},
    {0x1F, Form::text, types(connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth)},
    {0x21, Form::two_bytes, types(connect, connack)},
    {0x22, Form::two_bytes, types(connect, connack)},
    {0x23, Form::two_bytes, types(publish)},
    {0x24, Form::one_byte, types(connack)},
    {0x25, Form::one_byte, types(connack)},
    {kUserProperty, Form::two_texts,
     types(connect, connack, publish, kWill, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe,
           unsuback, disconnect, auth)},
    {0x27, Form::four_bytes, types(connect, connack)},
    {0x28, Form::one_byte, types(connack)},
    {0x29, Form::one_byte, types(connack)},
    {0x2A, Form::one_byte, types(connack)},
});

void skip_value(PacketFields& fields, Form form) {
  switch (form) {
    case Form::one_byte:
      fields.number(1);
      return;
    case Form::two_bytes:
      fields.number(2);
      return;
    case Form::four_bytes:
      fields.number(4);
      return;
    case Form::variable_number:
      fields.variable_number();
      return;
    case Form::text:
      fields.text();
      return;
    case Form::binary:
      fields.binary();
      return;
    case Form::two_texts:
      fields.text();
      fields.text();
      return;
  }
}

bool may_repeat(std::uint8_t id, PacketType type) {
  return id == kUserProperty || (id == kSubscriptionIdentifier && type == publish);
}

}  // namespace

PropertySet read_properties(PacketFields& fields, PacketType type) {
  const std::size_t length = fields.variable_number();
  PacketFields properties(fields.view(length));
  PropertySet seen = 0;
  while (!properties.empty()) {
    const std::uint8_t id = properties.byte();
    const auto* const row = std::ranges::find(kProperties, id, &Property::id);
    properties.require(row != kProperties.end() && contains(row->in, type));
    if (properties.failed()) break;
    const PropertySet bit = PropertySet{1} << id;
    properties.require((seen & bit) == 0 || may_repeat(id, type));
    seen |= bit;
    skip_value(properties, row->form);
  }
  fields.require(!properties.failed());
  return seen;
}

}  // namespace mre::mqtt
