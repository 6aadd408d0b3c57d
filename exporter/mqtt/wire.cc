// SPDX-License-Identifier: Apache-2.0
// A packet is read as a few steps: numbers, codes, and gaps of which nothing is wanted. The fixed header and
// the version say which steps; where a whole packet can be judged by its length it is told at once and passed
// over, so that the bytes of it may be missing.
#include "exporter/mqtt/wire.h"

#include <algorithm>
#include <cstddef>

#include "exporter/mqtt/packet_form.h"
#include "exporter/mqtt/packet_layout.h"

namespace mre::mqtt {
namespace {

using enum PacketType;

/// Most packets are these: short, whole, and with nothing to tell. Takes them from the front.
void pass_untelling(std::string_view& bytes) {
  constexpr TypeSet kTelling =
      types(connect, connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth);
  std::string_view rest = bytes;
  while (rest.size() >= 2) {
    const auto first = static_cast<std::uint8_t>(rest[0]);
    const auto length = static_cast<std::uint8_t>(rest[1]);
    if (contains(kTelling, type_of(first)) || length >= 0x80 || rest.size() < 2U + length) break;
    rest.remove_prefix(2U + length);
  }
  bytes = rest;
}

std::uint8_t take(std::string_view& bytes) {
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

std::optional<Told> PacketReader::next(std::string_view& bytes, Version& version) {
  while (!bytes.empty()) {
    std::optional<Told> told;
    switch (step_) {
      case Step::first_byte:
        if (version != Version::unknown && !sender_) pass_untelling(bytes);
        if (bytes.empty()) break;
        [[fallthrough]];
      case Step::length:
        told = read_header(bytes, version);
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
        told = read_body(take(bytes), version);
    }
    if (told) return told;
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

/// Nothing more of this packet is told.
void PacketReader::pass_rest() { step_ = rest_ == 0 ? Step::first_byte : Step::pass; }

/// `bytes` is less than `rest_`.
void PacketReader::pass(std::uint32_t bytes, Step then) {
  value_ = bytes;
  count_ = 0;
  then_ = then;
  step_ = bytes == 0 ? then : Step::gap;
}

Told PacketReader::end(Told::Kind kind, std::uint8_t code) {
  pass_rest();
  return {.kind = kind, .packet = packet_of(type_of(first_byte_)), .code = code};
}

/// One code of several.
Told PacketReader::list(std::uint8_t code) {
  step_ = rest_ == 0 ? Step::first_byte : Step::codes;
  return {.kind = Told::Kind::code, .packet = packet_of(type_of(first_byte_)), .code = code};
}

std::optional<Told> PacketReader::read_header(std::string_view& bytes, Version& version) {
  if (step_ == Step::first_byte) {
    first_byte_ = take(bytes);
    const Layout layout = layout_of(version) == Layout::v3 ? Layout::v3 : Layout::v5;  // which allows more
    if (sender_ && !may_send(*sender_, first_byte_, layout)) {
      step_ = Step::broken;
      return Told{.kind = Told::Kind::misplaced};
    }
    value_ = 0;
    count_ = 0;
    step_ = Step::length;
  }
  while (!bytes.empty()) {
    const std::uint8_t byte = take(bytes);
    value_ |= (byte & 0x7FU) << (7U * count_++);
    if (byte < 0x80) {
      rest_ = value_;
      learn_from(bytes, version);
      return begin_body(version);
    }
    if (count_ == kMaxNumberBytes) {
      step_ = Step::broken;
      return Told{.kind = Told::Kind::broken};
    }
  }
  return std::nullopt;
}

void PacketReader::learn_from(std::string_view bytes, Version& version) const {
  if (version == Version::unknown && bytes.size() >= rest_) {
    version = version_told_by(first_byte_, bytes.substr(0, rest_));
  }
}

std::optional<Told> PacketReader::begin_body(Version& version) {
  switch (type_of(first_byte_)) {
    case connect:
      if (rest_ < 2) break;
      pass(0, Step::name_length);
      return std::nullopt;
    case connack:
      if (rest_ < 2) return end(Told::Kind::malformed);
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

/// What the broker answers in decides, whatever the client asked for: MQTT 3 has two bytes here, MQTT 5.0
/// more. Who knows the name MQTT, but not version 5.0, knows 3.1.1: 3.1 has another name.
void PacketReader::decide_by_connack(Version& version) const {
  const Layout answer = rest_ == 2 ? Layout::v3 : Layout::v5;
  const Layout asked = layout_of(version);
  if (asked == answer || version == Version::other) return;
  version = answer == Layout::v5 ? Version::v5 : asked == Layout::v5 ? Version::v3_1_1 : Version::v3;
}

/// Section 3.4.2.1: a remaining length of 2 means 0x00.
std::optional<Told> PacketReader::begin_acknowledgement(Version& version) {
  const Layout layout = layout_of(version);
  if (rest_ < kIdBytes) return end(Told::Kind::malformed);
  if (layout == Layout::v3) return end(Told::Kind::no_code);
  if (rest_ == kIdBytes) return end(layout == Layout::v5 ? Told::Kind::code : Told::Kind::ambiguous);
  learn(version, Version::v5);
  pass(kIdBytes, Step::code);
  return std::nullopt;
}

std::optional<Told> PacketReader::begin_suback(Version& version) {
  const Layout layout = layout_of(version);
  const std::uint32_t least = kIdBytes + (layout == Layout::v5 ? 2 : 1);
  if (rest_ < least) return end(Told::Kind::malformed);
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

std::optional<Told> PacketReader::begin_unsuback(Version& version) {
  const Layout layout = layout_of(version);
  if (rest_ < kIdBytes) return end(Told::Kind::malformed);
  if (layout == Layout::v3) return end(Told::Kind::no_code);
  if (layout == Layout::unknown && rest_ == kIdBytes) {
    learn(version, Version::v3);
    return end(Told::Kind::no_code);
  }
  if (rest_ < kIdBytes + 2) return end(Told::Kind::malformed);
  learn(version, Version::v5);
  pass(kIdBytes, Step::property_length);
  return std::nullopt;
}

/// Sections 3.14.2.1 and 3.15.2.1: a remaining length of 0 means 0x00. AUTH too, which MQTT 3 does not have.
std::optional<Told> PacketReader::begin_disconnect(Version& version) {
  if (layout_of(version) == Layout::v3) return end(Told::Kind::no_code);
  if (rest_ > 0 || type_of(first_byte_) == auth) learn(version, Version::v5);
  if (rest_ > 0) {
    pass(0, Step::code);
    return std::nullopt;
  }
  const bool is_v5 = version == Version::v5 || type_of(first_byte_) == auth;
  return end(is_v5 ? Told::Kind::code : Told::Kind::ambiguous);
}

}  // namespace mre::mqtt
