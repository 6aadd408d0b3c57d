// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "exporter/mqtt/first_bytes.h"
#include "exporter/mqtt/reason_code.h"

/// Reads reason codes from the bytes that one side of a connection sends.
///
/// A stream of MQTT control packets is read just far enough: the fixed header of each packet, the protocol
/// level of CONNECT, and the reason codes of the nine packets that have them. Everything else, payloads
/// included, is skipped and never stored, so that a reader has a fixed size of a few bytes. It reports what
/// was on the wire, also a packet from the wrong side or a code that the standard does not allow there.
///
/// Source: OASIS MQTT 5.0 section 2 and 3; OASIS MQTT 3.1.1 section 2 and 3; MQTT V3.1 (level 3, "MQIsdp").
namespace mre::mqtt {

/// What is known of the MQTT version of a connection. The layout of its packets depends on it.
enum class Version : std::uint8_t {
  unknown,
  v3,  ///< 3.1 or 3.1.1: a packet was seen that exists only there.
  v3_1,
  v3_1_1,
  v5,
  other,  ///< CONNECT named another level.
};

/// The `protocol` label: `v3` and `other` are unknown there.
Protocol protocol_of(Version version);

/// The side that sends.
enum class Side : std::uint8_t { client, broker };

/// What a PacketReader reports.
struct PacketEvent {
  enum class Kind : std::uint8_t {
    connect,    ///< CONNECT: `version` is what the first one asks for.
    code,       ///< One reason code of `packet`. SUBACK and UNSUBACK have one for each filter.
    no_code,    ///< `packet` has no reason code in this version: an acknowledgement or DISCONNECT of MQTT 3.
    ambiguous,  ///< `packet` means 0x00 in MQTT 5.0 and has no code in MQTT 3, and the version is unknown.
                ///< A SUBACK: it is valid in both versions, with different codes.
    malformed,  ///< `packet` is too short for its required fields, or its inner lengths are invalid.
    misplaced,  ///< Only for a reader at a found position: this side never sends such a packet. Once.
    broken,     ///< Invalid packet: a remaining length of five bytes. Once; see `broken()`.
  };
  Kind kind;
  Packet packet = Packet::connack;  ///< For code, no_code, ambiguous, malformed.
  std::uint8_t code = 0;            ///< For code.
  std::uint16_t keep_alive = 0;     ///< For connect: seconds; 0 is none.
};

/// Reads one direction of one connection, in pieces of any size. Copyable; not comparable.
class PacketReader {
 public:
  PacketReader() = default;
  /// For a position in the middle of a connection that looks_like_packets found, which can be wrong. A packet
  /// that `sender` may not send proves that it was, and nothing more is read.
  static PacketReader at_found_position(Side sender);

  /// Consumes bytes from the front of `bytes` until one event is complete, and returns it; or consumes all
  /// and returns nullopt. `version` belongs to the connection, for both directions: the first CONNECT sets
  /// it, or a packet that exists in one version only. CONNACK corrects it, because a broker may answer in
  /// another version than the client asked for. `other` is read as unknown.
  ///
  /// The events do not depend on how the bytes are split, with one exception: SUBSCRIBE, UNSUBSCRIBE and
  /// PUBLISH determine an unknown version only if the whole packet is in `bytes`.
  std::optional<PacketEvent> next(std::string_view& bytes, Version& version);

  /// How many of the next bytes cannot contain an event, so that they may be missing.
  std::uint32_t skippable() const;
  /// Skips that many bytes that were not captured; at most `skippable()`.
  void skip(std::uint32_t bytes);

  bool at_boundary() const;  ///< Between two packets.
  bool broken() const;       ///< Nothing more is read: `broken` or `misplaced` was reported.

 private:
  /// The meaning of the next byte.
  enum class Step : std::uint8_t {
    first_byte,  ///< The type and flags of a packet.
    length,      ///< A byte of the remaining length.
    pass,        ///< Ignored, like the rest of the packet.
    gap,         ///< Ignored for `value_` bytes; continues with `then_`.
    name_length,
    level,
    keep_alive,
    code,              ///< The only code of the packet.
    codes,             ///< One of the codes that fill the rest of the packet.
    property_length,   ///< The property length in front of codes.
    suback_undecided,  ///< The property length of MQTT 5.0 or the first code of MQTT 3.
    suback_after_0,    ///< The first code of MQTT 5.0 or the second of MQTT 3.
    broken,
  };

  std::optional<PacketEvent> read_header(std::string_view& bytes, Version& version);
  void learn_from(std::string_view bytes, Version& version) const;
  std::optional<PacketEvent> begin_body(Version& version);
  void decide_by_connack(Version& version) const;
  std::optional<PacketEvent> begin_acknowledgement(Version& version);
  std::optional<PacketEvent> begin_suback(Version& version);
  std::optional<PacketEvent> begin_unsuback(Version& version);
  std::optional<PacketEvent> begin_disconnect(Version& version);
  std::optional<PacketEvent> read_body(std::uint8_t byte, Version& version);
  std::optional<PacketEvent> read_number(std::uint8_t byte, Version& version);
  std::optional<PacketEvent> read_level(std::uint8_t byte, Version& version);
  std::optional<PacketEvent> read_property_length(std::uint8_t byte);
  std::optional<PacketEvent> decide_suback(std::uint8_t byte, Version& version);
  std::optional<PacketEvent> decide_suback_after_0(std::uint8_t byte, Version& version);
  PacketEvent end_connect(Version& version);
  PacketEvent end(PacketEvent::Kind kind, std::uint8_t code = 0);
  PacketEvent list(std::uint8_t code);
  void pass_rest();
  void pass(std::uint32_t bytes, Step then);

  std::uint32_t rest_ = 0;   ///< Remaining bytes of the packet, without its fixed header.
  std::uint32_t value_ = 0;  ///< The number read so far; in a gap, the remaining bytes.
  Step step_ = Step::first_byte;
  Step then_ = Step::first_byte;
  std::uint8_t first_byte_ = 0;
  std::uint8_t count_ = 0;      ///< Bytes of the number read so far.
  std::uint8_t level_ = 0;      ///< Protocol level, from CONNECT.
  std::optional<Side> sender_;  ///< Only packets of this side are read; nullopt: all.
};

/// Like looks_like_packets; `more` if only the early end of the first packet prevents a decision.
Answer begins_packets(std::string_view bytes, Side sender, Version version);

/// Whether a control packet begins at the first byte, for a reader that has lost its position: the bytes are
/// whole, valid packets that this side may send, and end with the last byte or within a plausible packet.
/// Made for the payload of one TCP segment, because packets mostly begin there.
///
/// In doubt the answer is no: a PUBLISH that continues in the next segment is recognised only by a topic of
/// four bytes or more. Random bytes are mistaken for packets in 1 of 12,000 segments of 4 bytes (the length
/// of an acknowledgement), 1 of 250,000 of 8 bytes, 1 of 800,000 of 32 bytes, and none of a million of 1448
/// bytes. A payload that is itself MQTT is mistaken for packets if a segment begins and ends with an inner
/// packet.
inline bool looks_like_packets(std::string_view bytes, Side sender, Version version) {
  return begins_packets(bytes, sender, version) == Answer::yes;
}

}  // namespace mre::mqtt
