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

/// A moment by the clock of the frames, in units of 1/64 s. Wraps around after two years.
using Ticks = std::uint32_t;
inline constexpr std::int32_t kTicksPerSecond = 64;
constexpr Ticks ticks_of(std::int64_t time_us) {
  return static_cast<Ticks>(time_us / (1'000'000 / kTicksPerSecond));
}
/// From `then` to `now`; negative if the clock was set back.
constexpr std::int32_t ticks_between(Ticks then, Ticks now) { return static_cast<std::int32_t>(now - then); }

/// How the bytes of one direction are read.
enum class Reading : std::uint8_t {
  fresh,      ///< No bytes have arrived yet.
  packets,    ///< In sync: the position within the packets is known.
  searching,  ///< Out of sync: searches for the start of a packet, after a gap or where the start is missing.
  given_up,   ///< The bytes are not read any more.
};

/// One direction of a connection.
struct HalfFlow {
  mqtt::PacketReader reader;
  std::uint32_t start = 0;  ///< Sequence number of the first byte.
  std::uint32_t next = 0;   ///< Of the next byte to read; all bytes before it were read or skipped.
  std::uint32_t acked = 0;  ///< The highest acknowledgement number of the other side.
  std::uint32_t first_out_of_order = kNone;  ///< Index into OutOfOrderSegments.
  std::uint16_t unsynced_kib = 0;      ///< Skipped while searching, in KiB, rounded up for each segment.
  std::uint8_t unsynced_segments = 0;  ///< The same in segments; a gap counts as one.
  Reading reading : 2 = Reading::fresh;
  bool started : 1 = false;  ///< `start` and `next` are known.
  bool segment_seen : 1 = false;
  bool ack_seen : 1 = false;
  bool fin : 1 = false;     ///< The last byte was read.
  bool synced : 1 = false;  ///< It was in sync at least once.
  /// The broker has answered one SYN twice. Until the client acknowledges one of the answers, `acked` is the
  /// first sequence number of the other answer.
  bool answered_twice : 1 = false;
};

/// The protocol of a connection, as far as it is known.
enum class FlowKind : std::uint8_t {
  undecided,
  mqtt,
  websocket,
  tls,
  other,
  mirrored,  ///< The capture sees the same connection twice, under other addresses.
  foreign,   ///< The handshake shows that the broker's port is the client's port here. Not counted.
};

/// The state of one TCP connection. There may be a hundred thousand of them, so each byte counts.
struct Flow {
  FlowKey key;
  std::uint32_t index = kNone;  ///< In FlowTable.
  std::uint32_t older = kNone;  ///< Neighbours in the list of FlowTable.
  std::uint32_t newer = kNone;
  std::uint32_t next_in_bucket = kNone;
  Ticks seen = 0;                   ///< When it was last moved to the end of its list.
  Ticks client_active = 0;          ///< When the client last sent new bytes.
  std::uint32_t websocket = kNone;  ///< Index of its WebSocketReaders in MqttStreams.
  /// While `urgent_ahead`: sequence number of the client's urgent byte. While `closing`: what the first FIN
  /// acknowledged.
  std::uint32_t urgent_or_fin = 0;
  HalfFlow halves[2] = {};       ///< By mqtt::Side.
  std::uint16_t keep_alive = 0;  ///< Seconds, as in CONNECT; 0: none.
  mqtt::Version version = mqtt::Version::unknown;
  FlowKind kind = FlowKind::undecided;
  std::uint8_t frames_waited : 5 = 0;             ///< Frames since the other side acknowledged missing bytes.
  mqtt::Side closed_by : 1 = mqtt::Side::client;  ///< The side that ended the connection, if `closing`.
  bool client_first : 1 = false;                  ///< The client is the first endpoint of the key.
  bool transient : 1 = true;                      ///< In FlowTable's list of transient connections.
  bool joined : 1 = false;                        ///< The capture missed the start of the connection.
  bool handshake : 1 = false;                     ///< A SYN was seen.
  bool client_checked : 1 =
      false;                      ///< The client's SYN had a valid checksum: segments without one are forged.
  bool tls_offered : 1 = false;   ///< The client started TLS and the broker has not answered yet.
  bool urgent_ahead : 1 = false;  ///< The client's urgent byte has not arrived yet.
  bool followed : 1 = false;      ///< Included in the number of connections that are followed now.
  bool identified : 1 = false;    ///< Counted as an MQTT or WebSocket connection.
  /// A CONNECT, a CONNACK, or packets found while searching were read: the end of the connection is an event.
  bool mqtt_seen : 1 = false;
  bool reason_seen : 1 = false;      ///< A DISCONNECT or a refusal gave the reason of the end.
  bool stopped_waiting : 1 = false;  ///< The broker's bytes are not delayed for a missing CONNECT any more.
  bool closing : 1 = false;          ///< A FIN or RST has arrived.
  bool timed_out : 1 = false;        ///< The client's keep-alive had expired when the broker closed.
  bool ended : 1 = false;            ///< The end was handled.

  HalfFlow& half(mqtt::Side side) { return halves[side == mqtt::Side::client ? 0 : 1]; }
  const HalfFlow& half(mqtt::Side side) const { return halves[side == mqtt::Side::client ? 0 : 1]; }
  /// Whether the exporter can read this kind of connection, or may find out that it can.
  bool readable() const { return kind <= FlowKind::websocket; }
};

constexpr mqtt::Side other_side(mqtt::Side side) {
  return side == mqtt::Side::client ? mqtt::Side::broker : mqtt::Side::client;
}

/// What accompanies events: the sink, the time, and the endpoints of the connection if they are known.
struct EventContext {
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
