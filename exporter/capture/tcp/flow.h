// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "exporter/capture/frame/flow_key.h"
#include "exporter/capture/frame/segment.h"
#include "exporter/event/decoder.h"
#include "exporter/mqtt/wire.h"

namespace mre {

/// No index.
inline constexpr std::uint32_t kNone = UINT32_MAX;

/// A moment by the clock of the frames, in steps of 1/64 s. The circle is two years long.
using Ticks = std::uint32_t;
inline constexpr std::int32_t kTicksPerSecond = 64;
constexpr Ticks ticks_of(std::int64_t time_us) {
  return static_cast<Ticks>(time_us / (1'000'000 / kTicksPerSecond));
}
/// From `then` to `now`; negative if the clock was set back.
constexpr std::int32_t ticks_between(Ticks then, Ticks now) { return static_cast<std::int32_t>(now - then); }

/// What becomes of the bytes of one direction.
enum class Reading : std::uint8_t {
  fresh,     ///< None has come yet.
  packets,   ///< They are read.
  lost,      ///< Bytes are missing, or the beginning was not seen: a packet's beginning is looked for.
  given_up,  ///< They are not read any more.
};

/// One direction of a connection.
struct HalfFlow {
  mqtt::PacketReader reader;
  std::uint32_t start = 0;         ///< Sequence number of the first byte.
  std::uint32_t next = 0;          ///< Of the byte that comes next; up to here all is read or passed over.
  std::uint32_t acked = 0;         ///< Of the byte behind the last that the other side has acknowledged.
  std::uint32_t held = kNone;      ///< The first of the segments that wait, in HeldSegments.
  std::uint16_t lost_kib = 0;      ///< Passed since the place was lost, in KiB, rounded up for each segment.
  std::uint8_t lost_segments = 0;  ///< And in segments; those that are missing count as one.
  Reading reading : 2 = Reading::fresh;
  bool begun : 1 = false;  ///< `start` and `next` are known.
  bool heard : 1 = false;  ///< A segment of it was seen.
  bool ack_seen : 1 = false;
  bool fin : 1 = false;     ///< Its last byte has come.
  bool placed : 1 = false;  ///< The place of packets was known once.
  /// The broker has answered one SYN twice: `acked` is where its other answer begins, until the client
  /// acknowledges one.
  bool answered_twice : 1 = false;
};

/// What a connection turned out to be.
enum class FlowKind : std::uint8_t {
  undecided,
  mqtt,
  websocket,
  tls,
  other,
  mirrored,  ///< The same connection as another, seen once more under other addresses.
  foreign,   ///< Its handshake says that the broker's port is the client's here. Not counted.
};

/// All that is kept of one TCP connection. There are a hundred thousand of them: each byte counts.
struct Flow {
  FlowKey key;
  std::uint32_t index = kNone;  ///< Its place in FlowTable.
  std::uint32_t older = kNone;  ///< Neighbours in the list of FlowTable that it is in.
  std::uint32_t newer = kNone;
  std::uint32_t chained = kNone;    ///< The next one of its bucket.
  Ticks seen = 0;                   ///< When it was last moved to the end of its list.
  Ticks client_heard = 0;           ///< When the client last sent something new.
  std::uint32_t websocket = kNone;  ///< Its place among the WebSocketReaders of Conversation.
  /// While `urgent_ahead`: the client's byte that is urgent. Once `ending`: what the first FIN acknowledged.
  std::uint32_t urgent_or_fin = 0;
  HalfFlow halves[2] = {};       ///< By mqtt::Side.
  std::uint16_t keep_alive = 0;  ///< Seconds, as CONNECT says; 0 is none.
  mqtt::Version version = mqtt::Version::unknown;
  FlowKind kind = FlowKind::undecided;
  std::uint8_t patience : 5 = 0;                  ///< Frames since it could be known that bytes are missing.
  mqtt::Side first_end : 1 = mqtt::Side::client;  ///< Who ended the connection, if `ending`.
  bool client_first : 1 = false;                  ///< The client is the endpoint that comes first in the key.
  bool brief : 1 = true;            ///< In FlowTable's list of those that have not spoken yet, or have ended.
  bool joined : 1 = false;          ///< It was open before the first frame of it.
  bool handshake : 1 = false;       ///< A SYN of it was seen.
  bool client_checked : 1 = false;  ///< The client's SYN had a right checksum: a wrong one later is a trick.
  bool tls_offered : 1 = false;     ///< The client began with TLS; the broker has not answered yet.
  bool urgent_ahead : 1 = false;    ///< The client's urgent byte is still to come.
  bool followed : 1 = false;        ///< It counts as one that is followed now.
  bool proven : 1 = false;          ///< It is counted as MQTT or WebSocket.
  bool mqtt_seen : 1 =
      false;  ///< A CONNECT, a CONNACK, or packets where they were looked for: its end is told.
  bool reason_told : 1 = false;    ///< A DISCONNECT or a refusal said why it ends.
  bool waits_no_more : 1 = false;  ///< What the broker says is not kept for a CONNECT that did not come.
  bool ending : 1 = false;         ///< A FIN or RST has come.
  bool timed_out : 1 = false;      ///< The client's keep-alive had passed when the broker ended it.
  bool ended : 1 = false;          ///< Its end is told, or needs not be.

  HalfFlow& half(mqtt::Side side) { return halves[side == mqtt::Side::client ? 0 : 1]; }
  const HalfFlow& half(mqtt::Side side) const { return halves[side == mqtt::Side::client ? 0 : 1]; }
  /// Its bytes are read, or would be if they could.
  bool readable() const { return kind <= FlowKind::websocket; }
};

constexpr mqtt::Side other_side(mqtt::Side side) {
  return side == mqtt::Side::client ? mqtt::Side::broker : mqtt::Side::client;
}

/// What surrounds an event while it is told: to whom, when, and of which connection.
struct Scene {
  EventSink& sink;
  Ticks now = 0;
  const Endpoint* client = nullptr;
  const Endpoint* broker = nullptr;

  void set_peers(const Segment& segment, mqtt::Side sender) {
    client = sender == mqtt::Side::client ? &segment.from : &segment.to;
    broker = sender == mqtt::Side::client ? &segment.to : &segment.from;
  }
};

}  // namespace mre
