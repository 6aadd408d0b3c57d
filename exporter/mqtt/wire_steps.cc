// SPDX-License-Identifier: Apache-2.0
// The steps through a packet that the fixed header alone does not decide.
#include "exporter/mqtt/packet_layout.h"
#include "exporter/mqtt/wire.h"

namespace mre::mqtt {
namespace {

constexpr std::uint8_t kRefused = 0x80;  // the only refusal in a SUBACK of MQTT 3.1.1

Version version_of_level(std::uint8_t level) {
  switch (level) {
    case 3:
      return Version::v3_1;
    case 4:
      return Version::v3_1_1;
    case 5:
      return Version::v5;
    default:
      return Version::other;
  }
}

/// Whether MQTT 3.1.1 has this code in a SUBACK. Section 3.9.3.
bool is_suback_code_of_v3(std::uint8_t byte) { return byte <= 2 || byte == kRefused; }

/// Whether a SUBACK of MQTT 5.0 can have this byte, the lowest of its property length, followed by so many
/// bytes: the properties and a code. The shortest property, an empty reason string, has 3 bytes.
bool is_property_length(std::uint8_t byte, std::uint32_t following) {
  constexpr std::uint32_t kTwoByteNumber = 128;
  if (byte >= 0x80) return following >= 1 + kTwoByteNumber + 1;
  return (byte == 0 || byte >= 3) && byte < following;
}

}  // namespace

std::optional<PacketEvent> PacketReader::read_body(std::uint8_t byte, Version& version) {
  --rest_;
  switch (step_) {
    case Step::code:
      return end(PacketEvent::Kind::code, byte);
    case Step::codes:
      return list(byte);
    case Step::property_length:
      return read_property_length(byte);
    case Step::suback_undecided:
      return decide_suback(byte, version);
    case Step::suback_after_0:
      return decide_suback_after_0(byte, version);
    case Step::level:
      return read_level(byte, version);
    default:
      return read_number(byte, version);
  }
}

/// Of CONNECT, two bytes: the length of the protocol's name, which is ignored, because brokers
/// that refuse it answer in the version of the level; and the keep alive.
std::optional<PacketEvent> PacketReader::read_number(std::uint8_t byte, Version& version) {
  value_ = value_ << 8U | byte;
  if (++count_ < 2) return std::nullopt;
  if (step_ == Step::keep_alive) return end_connect(version);
  if (value_ < rest_) {
    pass(value_, Step::level);
  } else {
    pass_rest();
  }
  return std::nullopt;
}

/// A bridge sets the highest bit. The version is known even if the CONNECT ends too early.
std::optional<PacketEvent> PacketReader::read_level(std::uint8_t byte, Version& version) {
  constexpr std::uint32_t kFlagsAndKeepAlive = 3;
  level_ = byte & 0x7FU;
  value_ = 0;
  if (rest_ < kFlagsAndKeepAlive) return end_connect(version);
  pass(1, Step::keep_alive);
  return std::nullopt;
}

PacketEvent PacketReader::end_connect(Version& version) {
  const Version asked = version_of_level(level_);
  if (version == Version::v3 && layout_of(asked) == Layout::v3) version = asked;
  learn(version, asked);
  pass_rest();
  return {.kind = PacketEvent::Kind::connect, .keep_alive = static_cast<std::uint16_t>(value_)};
}

std::optional<PacketEvent> PacketReader::read_property_length(std::uint8_t byte) {
  value_ |= (byte & 0x7FU) << (7U * count_++);
  const bool continues = byte >= 0x80;
  if (value_ >= rest_ || (continues && count_ == kMaxNumberBytes)) return end(PacketEvent::Kind::malformed);
  if (!continues) pass(value_, Step::codes);
  return std::nullopt;
}

std::optional<PacketEvent> PacketReader::decide_suback(std::uint8_t byte, Version& version) {
  const bool may_be_v3 = is_suback_code_of_v3(byte);
  if (!is_property_length(byte, rest_)) {
    if (!may_be_v3 && byte < kRefused) return end(PacketEvent::Kind::malformed);
    learn(version, Version::v3);
    return list(byte);
  }
  if (!may_be_v3) {
    learn(version, Version::v5);
    step_ = Step::property_length;
    return read_property_length(byte);
  }
  if (byte != 0) return end(PacketEvent::Kind::ambiguous);
  pass(0, Step::suback_after_0);
  return std::nullopt;
}

std::optional<PacketEvent> PacketReader::decide_suback_after_0(std::uint8_t byte, Version& version) {
  if (is_suback_code_of_v3(byte)) return end(PacketEvent::Kind::ambiguous);
  if (byte < kRefused) return end(PacketEvent::Kind::malformed);
  learn(version, Version::v5);
  return list(byte);
}

}  // namespace mre::mqtt
