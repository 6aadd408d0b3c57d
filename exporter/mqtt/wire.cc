// SPDX-License-Identifier: Apache-2.0
// A packet is read as a few steps: numbers, codes, and gaps that are ignored. The fixed header and
// the version say which steps; where the length of a packet decides, its event is emitted at once and the packet
// is skipped, so that its bytes may be missing.
#include "exporter/mqtt/wire.h"

#include <algorithm>
#include <cstddef>

#include "exporter/mqtt/packet_form.h"
#include "exporter/mqtt/packet_layout.h"

namespace mre::mqtt {
namespace {

using enum PacketType;

/// Most packets are short, whole and without an event. Removes them from the front.
void skip_packets_without_events(std::string_view& bytes) {
  constexpr TypeSet kWithEvents =
      types(connect, connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth);
  std::string_view rest = bytes;
  while (rest.size() >= 2) {
    const auto first = byte_at(rest, 0);
    const auto length = byte_at(rest, 1);
    if (contains(kWithEvents, type_of(first)) || length >= 0x80 || rest.size() < 2U + length) break;
    rest.remove_prefix(2U + length);
  }
  bytes = rest;
}

std::uint8_t next_byte(std::string_view& bytes) {
  const auto byte = static_cast<std::uint8_t>(bytes.front());
  bytes.remove_prefix(1);
  return byte;
}

}  // namespace

Protocol protocol_of(Version version) {
  switch (version) {
    case Version::v3_1:
      return Protocol::v3_1;
    case Version::v3_1_1:
      return Protocol::v3_1_1;
    case Version::v5:
      return Protocol::v5;
    case Version::unknown:
    case Version::v3:
    case Version::other:
      break;
  }
  return Protocol::unknown;
}

PacketReader PacketReader::at_found_position(Side sender) {
  PacketReader reader;
  reader.sender_ = sender;
  return reader;
}

std::optional<PacketEvent> PacketReader::next(std::string_view& bytes, Version& version) {
  while (!bytes.empty()) {
    std::optional<PacketEvent> event;
    switch (step_) {
      case Step::first_byte:
        if (version != Version::unknown && !sender_) skip_packets_without_events(bytes);
        if (bytes.empty()) break;
        [[fallthrough]];
      case Step::length:
        event = read_header(bytes, version);
        break;
      case Step::pass:
      case Step::gap: {
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), skippable()));
        bytes.remove_prefix(count);
        skip(count);
        break;
      }
      case Step::broken:
        bytes = {};
        break;
      default:
        event = read_body(next_byte(bytes), version);
    }
    if (event) return event;
  }
  return std::nullopt;
}

std::uint32_t PacketReader::skippable() const {
  if (step_ == Step::pass) return rest_;
  return step_ == Step::gap ? value_ : 0;
}

void PacketReader::skip(std::uint32_t bytes) {
  if (bytes == 0) return;
  rest_ -= bytes;
  if (step_ == Step::pass) return pass_rest();
  value_ -= bytes;
  pass(value_, then_);
}

bool PacketReader::at_boundary() const { return step_ == Step::first_byte; }
bool PacketReader::broken() const { return step_ == Step::broken; }

/// Skips the rest of this packet.
void PacketReader::pass_rest() { step_ = rest_ == 0 ? Step::first_byte : Step::pass; }

/// `bytes` is less than `rest_`.
void PacketReader::pass(std::uint32_t bytes, Step then) {
  value_ = bytes;
  count_ = 0;
  then_ = then;
  step_ = bytes == 0 ? then : Step::gap;
}

PacketEvent PacketReader::end(PacketEvent::Kind kind, std::uint8_t code) {
  pass_rest();
  return {.kind = kind, .packet = packet_of(type_of(first_byte_)), .code = code};
}

/// One code of several.
PacketEvent PacketReader::list(std::uint8_t code) {
  step_ = rest_ == 0 ? Step::first_byte : Step::codes;
  return {.kind = PacketEvent::Kind::code, .packet = packet_of(type_of(first_byte_)), .code = code};
}

std::optional<PacketEvent> PacketReader::read_header(std::string_view& bytes, Version& version) {
  if (step_ == Step::first_byte) {
    first_byte_ = next_byte(bytes);
    const Layout layout = layout_of(version) == Layout::v3 ? Layout::v3 : Layout::v5;  // which allows more
    if (sender_ && !may_send(*sender_, first_byte_, layout)) {
      step_ = Step::broken;
      return PacketEvent{.kind = PacketEvent::Kind::misplaced};
    }
    value_ = 0;
    count_ = 0;
    step_ = Step::length;
  }
  while (!bytes.empty()) {
    const std::uint8_t byte = next_byte(bytes);
    value_ |= (byte & 0x7FU) << (7U * count_++);
    if (byte < 0x80) {
      rest_ = value_;
      learn_from(bytes, version);
      return begin_body(version);
    }
    if (count_ == kMaxNumberBytes) {
      step_ = Step::broken;
      return PacketEvent{.kind = PacketEvent::Kind::broken};
    }
  }
  return std::nullopt;
}

void PacketReader::learn_from(std::string_view bytes, Version& version) const {
  if (version == Version::unknown && bytes.size() >= rest_) {
    version = version_implied_by(first_byte_, bytes.substr(0, rest_));
  }
}

std::optional<PacketEvent> PacketReader::begin_body(Version& version) {
  switch (type_of(first_byte_)) {
    case connect:
      if (rest_ < 2) break;
      pass(0, Step::name_length);
      return std::nullopt;
    case connack:
      if (rest_ < 2) return end(PacketEvent::Kind::malformed);
      decide_by_connack(version);
      pass(1, Step::code);
      return std::nullopt;
    case puback:
    case pubrec:
    case pubrel:
    case pubcomp:
      return begin_acknowledgement(version);
    case suback:
      return begin_suback(version);
    case unsuback:
      return begin_unsuback(version);
    case disconnect:
    case auth:
      return begin_disconnect(version);
    default:
      break;
  }
  pass_rest();
  return std::nullopt;
}

/// The layout of the answer decides, whatever the client asked for: MQTT 3 has two bytes here, MQTT 5.0 more.
/// A broker that knows the name MQTT but not version 5.0 knows 3.1.1, because 3.1 has another name.
void PacketReader::decide_by_connack(Version& version) const {
  const Layout answer = rest_ == 2 ? Layout::v3 : Layout::v5;
  const Layout asked = layout_of(version);
  if (asked == answer || version == Version::other) return;
  version = answer == Layout::v5 ? Version::v5 : asked == Layout::v5 ? Version::v3_1_1 : Version::v3;
}

/// Section 3.4.2.1: a remaining length of 2 means 0x00.
std::optional<PacketEvent> PacketReader::begin_acknowledgement(Version& version) {
  const Layout layout = layout_of(version);
  if (rest_ < kIdBytes) return end(PacketEvent::Kind::malformed);
  if (layout == Layout::v3) return end(PacketEvent::Kind::no_code);
  if (rest_ == kIdBytes)
    return end(layout == Layout::v5 ? PacketEvent::Kind::code : PacketEvent::Kind::ambiguous);
  learn(version, Version::v5);
  pass(kIdBytes, Step::code);
  return std::nullopt;
}

std::optional<PacketEvent> PacketReader::begin_suback(Version& version) {
  const Layout layout = layout_of(version);
  const std::uint32_t least = kIdBytes + (layout == Layout::v5 ? 2 : 1);
  if (rest_ < least) return end(PacketEvent::Kind::malformed);
  if (layout == Layout::v5) {
    pass(kIdBytes, Step::property_length);
  } else if (layout == Layout::v3 || rest_ == kIdBytes + 1) {
    learn(version, Version::v3);
    pass(kIdBytes, Step::codes);
  } else {
    pass(kIdBytes, Step::suback_undecided);
  }
  return std::nullopt;
}

std::optional<PacketEvent> PacketReader::begin_unsuback(Version& version) {
  const Layout layout = layout_of(version);
  if (rest_ < kIdBytes) return end(PacketEvent::Kind::malformed);
  if (layout == Layout::v3) return end(PacketEvent::Kind::no_code);
  if (layout == Layout::unknown && rest_ == kIdBytes) {
    learn(version, Version::v3);
    return end(PacketEvent::Kind::no_code);
  }
  if (rest_ < kIdBytes + 2) return end(PacketEvent::Kind::malformed);
  learn(version, Version::v5);
  pass(kIdBytes, Step::property_length);
  return std::nullopt;
}

/// Sections 3.14.2.1 and 3.15.2.1: a remaining length of 0 means 0x00. AUTH too, which MQTT 3 does not have.
std::optional<PacketEvent> PacketReader::begin_disconnect(Version& version) {
  if (layout_of(version) == Layout::v3) return end(PacketEvent::Kind::no_code);
  if (rest_ > 0 || type_of(first_byte_) == auth) learn(version, Version::v5);
  if (rest_ > 0) {
    pass(0, Step::code);
    return std::nullopt;
  }
  const bool is_v5 = version == Version::v5 || type_of(first_byte_) == auth;
  return end(is_v5 ? PacketEvent::Kind::code : PacketEvent::Kind::ambiguous);
}

}  // namespace mre::mqtt
