#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

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

/// What a PacketReader tells.
struct Told {
  enum class Kind : std::uint8_t {
    connect,    ///< CONNECT: `version` is what it asks for.
    code,       ///< One reason code of `packet`. SUBACK and UNSUBACK tell one for each filter.
    no_code,    ///< `packet` has no reason code in this version: an acknowledgement or DISCONNECT of MQTT 3.
    ambiguous,  ///< `packet` says 0x00 if this is MQTT 5.0 and has no code if it is MQTT 3: that is not
                ///< known.
    malformed,  ///< `packet` is too short for what it must hold, or its inner lengths do not fit.
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
  /// Takes bytes from the front of `bytes` up to and with those that tell something, and returns that; or
  /// takes all and returns nothing. `version` belongs to the connection, for both directions: CONNECT sets
  /// it, and while it is unknown a packet that only one version has does.
  std::optional<Told> next(std::string_view& bytes, Version& version);

  /// How many of the bytes that come next hold nothing that would be told: they may be missing.
  std::uint32_t skippable() const;
  /// Goes on behind so many bytes that were not seen; at most `skippable()`.
  void skip(std::uint32_t bytes);

  bool at_boundary() const;  ///< Between two packets.
  bool broken() const;       ///< No byte is read any more.

 private:
};

/// Which side sends.
enum class Side : std::uint8_t { client, broker };

/// Whether a control packet begins at the first byte, for a reader that has lost its place: the bytes are
/// whole packets that this side may send, well-formed as far as they can be checked, and end with the last
/// byte or with the beginning of one that is plausible; and there is more to it than chance.
bool looks_like_packets(std::string_view bytes, Side sender, Version version);

}  // namespace mre::mqtt
