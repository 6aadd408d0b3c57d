// SPDX-License-Identifier: Apache-2.0
// A reader that has lost its position asks at the beginning of each segment, where most packets begin. The
// bytes are validated strictly as packets in each version that the connection may have. It suffices that a
// packet ends with the last byte: random bytes hardly ever do. If the last packet is cut, a whole one must
// precede it, or it must be a PUBLISH or CONNECT with enough bytes to recognise it.
#include <algorithm>
#include <cstddef>
#include <optional>

#include "exporter/base/text.h"
#include "exporter/mqtt/packet_form.h"
#include "exporter/mqtt/packet_layout.h"
#include "exporter/mqtt/wire.h"

namespace mre::mqtt {
namespace {

/// A topic of at most this length does not identify a PUBLISH that is cut.
constexpr std::size_t kShortTopic = 3;
constexpr std::size_t kTopicAt = 2;  // after its length
/// Other packets than PUBLISH and CONNECT are hardly ever longer.
constexpr std::size_t kLongestOfTheRest = 127;

struct Header {
  std::uint8_t first_byte = 0;
  std::size_t bytes = 0;   ///< Of the header itself; 0: it is incomplete.
  std::size_t length = 0;  ///< Of the body.
};

/// nullopt for an invalid length: five bytes, or more bytes than needed.
std::optional<Header> header_of(std::string_view bytes) {
  Header header{.first_byte = byte_at(bytes, 0)};
  for (std::size_t i = 1; i <= kMaxNumberBytes; ++i) {
    if (i == bytes.size()) return header;
    const std::uint8_t byte = byte_at(bytes, i);
    header.length |= std::size_t{byte & 0x7FU} << (7 * (i - 1));
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 1) return std::nullopt;
    header.bytes = 1 + i;
    return header;
  }
  return std::nullopt;
}

enum class Sign : std::uint8_t { none, weak, strong };

Sign sign_of_cut_publish(const Header& header, std::string_view body, Layout layout) {
  if (header.length <= kTopicAt) return Sign::none;
  if (body.size() < kTopicAt) return Sign::weak;
  const std::size_t length = std::size_t{byte_at(body, 0)} << 8U | byte_at(body, 1);
  const std::string_view topic = body.substr(kTopicAt, length);
  const bool may_be_empty = layout == Layout::v5;  // with a topic alias
  if (kTopicAt + length > header.length || (length == 0 && !may_be_empty)) return Sign::none;
  if (!begins_topic_name(topic)) return Sign::none;
  if (topic.size() < length) return Sign::weak;
  if (!is_utf8(topic)) return Sign::none;
  return length > kShortTopic ? Sign::strong : Sign::weak;
}

/// The minimum number of bytes after the fixed header, for packets that begin with a packet identifier and
/// for CONNACK.
std::size_t min_length(PacketType type, Layout layout) {
  switch (type) {
    case PacketType::connack:
      return layout == Layout::v3 ? 2 : 3;
    case PacketType::suback:
      return layout == Layout::v3 ? 3 : 4;
    case PacketType::unsuback:
      return layout == Layout::v3 ? 2 : 4;
    case PacketType::subscribe:
    case PacketType::unsubscribe:
      return layout == Layout::v3 ? 5 : 6;
    default:
      return kIdBytes;
  }
}

/// The same for a CONNECT, which begins with the name of the protocol.
Sign sign_of_cut_connect(std::string_view body) {
  constexpr std::string_view kNames[] = {{"\0\4MQTT", 6}, {"\0\6MQIsdp", 8}};
  for (const std::string_view name : kNames) {
    if (body.starts_with(name)) return Sign::strong;
    if (name.starts_with(body)) return Sign::weak;
  }
  return Sign::none;
}

/// Whether a packet that is cut at the end of the bytes is plausible. `body` is its available part.
Sign sign_of_cut(const Header& header, std::string_view body, Layout layout) {
  const PacketType type = type_of(header.first_byte);
  const bool fits = header.length <= kLongestOfTheRest && header.length >= min_length(type, layout);
  const Sign if_fits = fits ? Sign::weak : Sign::none;
  switch (type) {
    case PacketType::publish:
      return sign_of_cut_publish(header, body, layout);
    case PacketType::connect:
      return sign_of_cut_connect(body);
    case PacketType::connack:
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
    case PacketType::unsuback:
      return layout == Layout::v3 && header.length != kIdBytes ? Sign::none : if_fits;
    case PacketType::subscribe:
    case PacketType::suback:
    case PacketType::unsubscribe:
      return if_fits;
    case PacketType::disconnect:
    case PacketType::auth:
      return layout == Layout::v5 && header.length <= kLongestOfTheRest ? Sign::weak : Sign::none;
    case PacketType::pingreq:
    case PacketType::pingresp:
    case PacketType::reserved:
      break;
  }
  return Sign::none;
}

Answer are_packets(std::string_view bytes, Side sender, Layout layout) {
  Answer so_far = Answer::more;  // yes: there is a whole one
  bool has_ended = false;        // nothing follows a DISCONNECT
  while (!bytes.empty()) {
    const auto header = header_of(bytes);
    if (has_ended || !header || !may_send(sender, header->first_byte, layout)) return Answer::no;
    if (header->bytes == 0) return so_far;
    bytes.remove_prefix(header->bytes);
    if (bytes.size() < header->length) {
      const Sign sign = sign_of_cut(*header, bytes, layout);
      return sign == Sign::strong ? Answer::yes : sign == Sign::weak ? so_far : Answer::no;
    }
    if (!is_well_formed(header->first_byte, bytes.substr(0, header->length), layout)) return Answer::no;
    bytes.remove_prefix(header->length);
    so_far = Answer::yes;
    has_ended = type_of(header->first_byte) == PacketType::disconnect;
  }
  return so_far;
}

}  // namespace

Answer begins_packets(std::string_view bytes, Side sender, Version version) {
  const Layout layout = layout_of(version);
  const Answer v3 = layout == Layout::v5 ? Answer::no : are_packets(bytes, sender, Layout::v3);
  const Answer v5 = layout == Layout::v3 ? Answer::no : are_packets(bytes, sender, Layout::v5);
  if (v3 == Answer::yes || v5 == Answer::yes) return Answer::yes;
  return v3 == Answer::more || v5 == Answer::more ? Answer::more : Answer::no;
}

}  // namespace mre::mqtt
