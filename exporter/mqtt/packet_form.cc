// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/packet_form.h"

#include <algorithm>

#include "exporter/mqtt/packet_fields.h"
#include "exporter/mqtt/packet_properties.h"

namespace mre::mqtt {
namespace {

using enum PacketType;

constexpr unsigned kMaxQos = 2;

unsigned publish_qos(std::uint8_t first_byte) { return first_byte >> 1U & 3U; }

/// OASIS MQTT 5.0 section 2.1.3.
bool are_flags(std::uint8_t first_byte) {
  const unsigned flags = first_byte & 0xFU;
  switch (type_of(first_byte)) {
    case publish: {
      const bool duplicate = (flags & 8U) != 0;
      const unsigned qos = publish_qos(first_byte);
      return qos <= kMaxQos && !(duplicate && qos == 0);
    }
    case pubrel:
    case subscribe:
    case unsubscribe:
      return flags == 2;
    default:
      return flags == 0;
  }
}

bool is_known(Layout layout, PacketType type, std::uint8_t code) {
  return find(layout == Layout::v5 ? Protocol::v5 : Protocol::v3_1_1, packet_of(type), code) != nullptr;
}

void read_id(PacketFields& fields) { fields.require(fields.number(kIdBytes) != 0); }

bool is_publish(PacketFields fields, unsigned qos, Layout layout) {
  const std::string_view topic = fields.text();
  fields.require(begins_topic_name(topic));
  if (qos > 0) read_id(fields);
  const PropertySet properties = layout == Layout::v5 ? read_properties(fields, publish) : 0;
  fields.require(!topic.empty() || (properties & kTopicAlias) != 0);
  return !fields.failed();
}

/// PUBACK, PUBREC, PUBREL, PUBCOMP.
bool is_acknowledgement(PacketFields fields, PacketType type, Layout layout) {
  read_id(fields);
  if (layout == Layout::v3 || fields.empty()) return fields.finished();
  fields.require(is_known(layout, type, fields.byte()));
  if (!fields.empty()) read_properties(fields, type);
  return fields.finished();
}

/// DISCONNECT and AUTH.
bool is_ending(PacketFields fields, PacketType type, Layout layout) {
  if (layout == Layout::v3 || fields.empty()) return fields.finished();
  fields.require(is_known(layout, type, fields.byte()));
  if (!fields.empty()) read_properties(fields, type);
  return fields.finished();
}

bool is_connack(PacketFields fields, Layout layout) {
  fields.require(fields.byte() <= 1);
  fields.require(is_known(layout, connack, fields.byte()));
  if (layout == Layout::v5) read_properties(fields, connack);
  return fields.finished();
}

bool is_code_list(PacketFields fields, PacketType type, Layout layout) {
  read_id(fields);
  if (layout == Layout::v5) read_properties(fields, type);
  if (layout == Layout::v3 && type == unsuback) return fields.finished();
  do {
    fields.require(is_known(layout, type, fields.byte()));
  } while (!fields.empty());
  return fields.finished();
}

/// The byte after a topic filter. MQTT 5.0 section 3.8.3.1, 3.1.1 section 3.8.3.
bool is_subscription(std::uint8_t options, Layout layout) {
  if (layout == Layout::v3) return options <= kMaxQos;
  const unsigned retain_handling = options >> 4U & 3U;
  return (options & 3U) <= kMaxQos && retain_handling <= 2 && options >> 6U == 0;
}

/// SUBSCRIBE and UNSUBSCRIBE.
bool is_filter_list(PacketFields fields, PacketType type, Layout layout) {
  read_id(fields);
  if (layout == Layout::v5) read_properties(fields, type);
  do {
    fields.require(!fields.text().empty());
    if (type == subscribe) fields.require(is_subscription(fields.byte(), layout));
  } while (!fields.empty());
  return fields.finished();
}

bool is_connect(PacketFields fields, Layout layout) {
  const std::string_view name = fields.text();
  const unsigned level = fields.byte() & 0x7FU;
  const bool is_v3 = (name == "MQIsdp" && level == 3) || (name == "MQTT" && level == 4);
  fields.require(layout == Layout::v5 ? name == "MQTT" && level == 5 : is_v3);
  const std::uint8_t flags = fields.byte();
  const bool has_will = (flags & 4U) != 0;
  const unsigned will_qos = flags >> 3U & 3U;
  fields.require((flags & 1U) == 0 && will_qos <= kMaxQos && (has_will || (flags & 0x38U) == 0));
  fields.number(2);
  if (layout == Layout::v5) read_properties(fields, connect);
  fields.text();
  if (has_will) {
    if (layout == Layout::v5) read_properties(fields, reserved);
    fields.text();
    fields.binary();
  }
  if ((flags & 0x80U) != 0) fields.text();
  if ((flags & 0x40U) != 0) fields.binary();
  return fields.finished();
}

}  // namespace

bool is_well_formed(std::uint8_t first_byte, std::string_view body, Layout layout) {
  const PacketFields fields(body);
  const PacketType type = type_of(first_byte);
  if (!are_flags(first_byte)) return false;
  switch (type) {
    case connect:
      return is_connect(fields, layout);
    case connack:
      return is_connack(fields, layout);
    case publish:
      return is_publish(fields, publish_qos(first_byte), layout);
    case puback:
    case pubrec:
    case pubrel:
    case pubcomp:
      return is_acknowledgement(fields, type, layout);
    case suback:
    case unsuback:
      return is_code_list(fields, type, layout);
    case subscribe:
    case unsubscribe:
      return is_filter_list(fields, type, layout);
    case pingreq:
    case pingresp:
      return body.empty();
    case disconnect:
      return is_ending(fields, type, layout);
    case auth:
      return layout == Layout::v5 && is_ending(fields, type, layout);
    case reserved:
      break;
  }
  return false;
}

bool may_send(Side sender, std::uint8_t first_byte, Layout layout) {
  constexpr TypeSet kBoth = types(publish, puback, pubrec, pubrel, pubcomp);
  constexpr TypeSet kClient = kBoth | types(connect, subscribe, unsubscribe, pingreq, disconnect);
  constexpr TypeSet kBroker = kBoth | types(connack, suback, unsuback, pingresp);
  const bool is_client = sender == Side::client;
  const TypeSet in_v5 = types(disconnect, auth);
  const auto set = static_cast<TypeSet>((is_client ? kClient : kBroker) | (layout == Layout::v5 ? in_v5 : 0));
  return are_flags(first_byte) && contains(set, type_of(first_byte));
}

bool begins_topic_name(std::string_view topic) {
  return std::ranges::none_of(topic, [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte < 0x20 || byte == 0x7F || c == '+' || c == '#';
  });
}

Version version_implied_by(std::uint8_t first_byte, std::string_view body) {
  if (!contains(types(publish, subscribe, unsubscribe), type_of(first_byte))) return Version::unknown;
  const bool is_v3 = is_well_formed(first_byte, body, Layout::v3);
  const bool is_v5 = is_well_formed(first_byte, body, Layout::v5);
  if (is_v3 == is_v5) return Version::unknown;
  return is_v3 ? Version::v3 : Version::v5;
}

}  // namespace mre::mqtt
