// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "exporter/mqtt/first_bytes.h"
#include "exporter/mqtt/reason_code.h"

/// Reason codes out of the bytes that one side of a connection sends.
///
/// A stream of MQTT control packets is read just far enough: the fixed header of each packet, the protocol
/// level of CONNECT, the reason codes of the nine packets that have them. All else, payloads above all, is
/// passed over and never kept, so that a reader is a few bytes, whatever passes. What is told is what was on
/// the wire: a packet from the wrong side, or a code that the standard does not allow there, is told as well.
///
/// Source: OASIS MQTT 5.0 section 2 and 3; OASIS MQTT 3.1.1 section 2 and 3; MQTT V3.1 (level 3, "MQIsdp").
namespace mre::mqtt {

/// What is known of the version that a connection speaks. The layout of the packets hangs on it.
enum class Version : std::uint8_t {
  unknown,
  v3,  ///< 3.1 or 3.1.1: a packet was seen that only those have.
  v3_1,
  v3_1_1,
  v5,
  other,  ///< CONNECT named a level that is none of them.
};

/// The `protocol` label: `v3` and `other` are unknown there.
Protocol protocol_of(Version version);

/// Which side sends.
enum class Side : std::uint8_t { client, broker };

/// What a PacketReader tells.
struct Told {
  enum class Kind : std::uint8_t {
    connect,    ///< CONNECT: `version` is what the first one asks for.
    code,       ///< One reason code of `packet`. SUBACK and UNSUBACK tell one for each filter.
    no_code,    ///< `packet` has no reason code in this version: an acknowledgement or DISCONNECT of MQTT 3.
    ambiguous,  ///< `packet` says 0x00 if this is MQTT 5.0 and has no code if it is MQTT 3: that is not
                ///< known. Of a SUBACK: it reads as either, with other codes.
    malformed,  ///< `packet` is too short for what it must hold, or its inner lengths do not fit.
    misplaced,  ///< Of a reader whose position was found: the sender never sends such a packet. Told once.
    broken,     ///< No packet can begin here: a remaining length of five bytes. Told once; see `broken()`.
  };
  Kind kind;
  Packet packet = Packet::connack;  ///< For code, no_code, ambiguous, malformed.
  std::uint8_t code = 0;            ///< For code.
  std::uint16_t keep_alive = 0;     ///< For connect: seconds; 0 is none.
};

/// Reads one direction of one connection, in pieces of any size. A value: copy it, compare nothing.
class PacketReader {
 public:
  PacketReader() = default;
  /// For a position that was found in the middle of a connection: by looks_like_packets, which can err. A
  /// packet that `sender` may not send shows that it did, and nothing more is read.
  static PacketReader at_found_position(Side sender);

  /// Takes bytes from the front of `bytes` up to and with those that tell something, and returns that; or
  /// takes all and returns nothing. `version` belongs to the connection, for both directions: the first
  /// CONNECT sets it, or a packet that only one version has; CONNACK corrects it, as a broker may answer in
  /// another version than it was asked for. `other` is read as unknown.
  ///
  /// What is told does not depend on where the bytes are cut, save for this: SUBSCRIBE, UNSUBSCRIBE and
  /// PUBLISH teach an unknown version only where the whole packet is in `bytes`.
  std::optional<Told> next(std::string_view& bytes, Version& version);

  /// How many of the bytes that come next hold nothing that would be told: they may be missing.
  std::uint32_t skippable() const;
  /// Goes on behind so many bytes that were not seen; at most `skippable()`.
  void skip(std::uint32_t bytes);

  bool at_boundary() const;  ///< Between two packets.
  bool broken() const;       ///< No byte is read any more: `broken` or `misplaced` was told.

 private:
  /// What the next byte is.
  enum class Step : std::uint8_t {
    first_byte,  ///< Of a packet: its type and flags.
    length,      ///< One of the remaining length.
    pass,        ///< Nothing; nor is the rest of the packet.
    gap,         ///< Nothing, for `value_` bytes; then `then_`.
    name_length,
    level,
    keep_alive,
    code,              ///< The only one of the packet.
    codes,             ///< One of as many as there are bytes left.
    property_length,   ///< Before codes.
    suback_undecided,  ///< The property length of MQTT 5.0 or the first code of MQTT 3.
    suback_behind_0,   ///< The first code of MQTT 5.0 or the second of MQTT 3.
    broken,
  };

  std::optional<Told> read_header(std::string_view& bytes, Version& version);
  void learn_from(std::string_view bytes, Version& version) const;
  std::optional<Told> begin_body(Version& version);
  void decide_by_connack(Version& version) const;
  std::optional<Told> begin_acknowledgement(Version& version);
  std::optional<Told> begin_suback(Version& version);
  std::optional<Told> begin_unsuback(Version& version);
  std::optional<Told> begin_disconnect(Version& version);
  std::optional<Told> read_body(std::uint8_t byte, Version& version);
  std::optional<Told> read_number(std::uint8_t byte, Version& version);
  std::optional<Told> read_level(std::uint8_t byte, Version& version);
  std::optional<Told> read_property_length(std::uint8_t byte);
  std::optional<Told> decide_suback(std::uint8_t byte, Version& version);
  std::optional<Told> decide_suback_behind_0(std::uint8_t byte, Version& version);
  Told end_connect(Version& version);
  Told end(Told::Kind kind, std::uint8_t code = 0);
  Told list(std::uint8_t code);
  void pass_rest();
  void pass(std::uint32_t bytes, Step then);

  std::uint32_t rest_ = 0;   ///< Bytes of the packet that are still to come, behind its fixed header.
  std::uint32_t value_ = 0;  ///< Of a number, what was read of it; of a gap, the bytes to come.
  Step step_ = Step::first_byte;
  Step then_ = Step::first_byte;
  std::uint8_t first_byte_ = 0;
  std::uint8_t count_ = 0;      ///< Bytes read of a number.
  std::uint8_t level_ = 0;      ///< Of the protocol, from CONNECT.
  std::optional<Side> sender_;  ///< Whose packets alone are read; none: all are.
};

/// As looks_like_packets says; `more` where nothing speaks against it but that the first packet is cut too
/// soon.
Answer begins_packets(std::string_view bytes, Side sender, Version version);

/// Whether a control packet begins at the first byte, for a reader that has lost its place: the bytes are
/// whole packets that this side may send, each as the standard wants it, and end with the last byte or within
/// a packet that is plausible. Made for the payload of one TCP segment, because packets mostly begin there.
///
/// It errs towards no: a PUBLISH that goes on in the next segment is known only by a topic of four bytes or
/// more. Of random bytes it takes 1 in 12,000 segments of 4 bytes, the length of an acknowledgement, for
/// packets; 1 in 250,000 of 8 bytes, 1 in 800,000 of 32, and none of a million of 1448. What it cannot see: a
/// payload that is itself MQTT, if a segment begins with an inner packet and ends with one.
inline bool looks_like_packets(std::string_view bytes, Side sender, Version version) {
  return begins_packets(bytes, sender, version) == Answer::yes;
}

}  // namespace mre::mqtt
