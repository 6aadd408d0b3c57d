// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string_view>
#include <vector>

#include "exporter/capture/connection/unproven_events.h"
#include "exporter/capture/tcp/flow.h"
#include "exporter/capture/tcp/partial_packets.h"
#include "exporter/event/source_status.h"
#include "exporter/mqtt/websocket.h"

namespace mre {

/// Reads the byte streams of all connections: detects the protocol, parses the MQTT packets and emits their
/// reason codes.
///
/// The broker's first bytes decide the protocol of a connection; the client's do if the capture has one
/// direction only, and until the broker has answered. Events wait until is_proven.
///
/// A direction that is out of sync is in sync again at the first segment that starts with what looks like
/// packets; a payload that was crafted to look like packets can deceive it. A direction that has never been
/// in sync is given up after kMaxUnsyncedSegments or kMaxUnsyncedKib.
class MqttStreams {
 public:
  static constexpr int kMaxUnsyncedSegments = 64;
  static constexpr std::uint16_t kMaxUnsyncedKib = 1024;

  /// `any_port`: the ports of brokers are not configured. They are learnt: 1883, and every port on which a
  /// client sends a CONNECT. `live`: the capture sees both directions of every connection.
  MqttStreams(bool any_port, bool live, SourceStatus& status);

  /// Reads the next bytes of one direction: not empty, a whole segment or what is new in it.
  void read(Flow& flow, mqtt::Side side, std::string_view bytes, EventContext& context);

  /// How many of the next bytes cannot hold an event, so that they may be missing.
  std::uint32_t skippable(const Flow& flow, mqtt::Side side) const;
  /// Skips this number of bytes, which were not captured; at most `skippable()`.
  void skip(Flow& flow, mqtt::Side side, std::uint32_t bytes);
  /// Bytes that may hold an event are missing: the direction is out of sync.
  void on_gap(Flow& flow, mqtt::Side side);
  /// Discards what the client has sent so far: the broker has not received it.
  void restart(Flow& flow);

  /// Whether the connection is real, so that one frame of an attacker is not enough to count an event. Both
  /// sides must have sent a segment; if the capture joined late, both must have sent packets. In a recording
  /// with one direction, the handshake is enough.
  bool is_proven(const Flow& flow) const;

  /// Reads bytes of a TLS connection: emits "tls_error" if they hold an alert that ends the handshake.
  void read_tls(Flow& flow, mqtt::Side side, std::string_view bytes, const EventContext& context);

  /// Counts the connection as followed.
  void follow(Flow& flow);
  void set_kind(Flow& flow, FlowKind kind);
  /// No more events follow from this connection: it is not counted as followed any more.
  void unfollow(Flow& flow);
  /// Frees what is stored outside the Flow.
  void forget(Flow& flow);

  /// Ports of brokers that were learnt from their clients.
  const std::bitset<65536>& ports() const { return ports_; }
  /// Ports on which TLS was seen.
  const std::bitset<65536>& tls_ports() const { return tls_ports_; }

 private:
  using WebSocketReaders = std::array<mqtt::WebSocketReader, 2>;

  bool is_known_port(const EventContext& context) const;
  void classify(Flow& flow, mqtt::Side side, std::string_view bytes, const EventContext& context);
  void classify_client(Flow& flow, std::string_view bytes, const EventContext& context);
  void classify_broker(Flow& flow, std::string_view bytes, const EventContext& context);
  void accept(Flow& flow, FlowKind kind);
  static void lose_sync(Flow& flow, mqtt::Side side);
  void search_packets(Flow& flow, mqtt::Side side, std::string_view bytes, EventContext& context);
  std::string_view concatenated(std::string_view before, std::string_view bytes);
  void sync(Flow& flow, mqtt::Side side, EventContext& context);
  bool recognise_packets(Flow& flow, mqtt::Side side, std::string_view bytes);
  bool starts_websocket_frame(std::string_view bytes, mqtt::Side side, mqtt::Version version);
  void count_unsynced(Flow& flow, mqtt::Side side, std::size_t bytes);
  void read_websocket(Flow& flow, mqtt::Side side, std::string_view bytes, EventContext& context);
  bool may_be_frame(const Flow& flow) const;
  void read_packets(Flow& flow, mqtt::Side side, std::string_view bytes, EventContext& context);
  void handle(Flow& flow, mqtt::Side side, const mqtt::PacketEvent& parsed, EventContext& context);
  static void introduce(std::string_view connect, const EventContext& context);
  void emit_normal_disconnection(Flow& flow, mqtt::Side side, const mqtt::PacketEvent& parsed,
                                 EventContext& context);
  void emit_code(Flow& flow, mqtt::Side side, const mqtt::PacketEvent& parsed, EventContext& context);
  void defer(const Flow& flow, const auto& event);
  void identify(Flow& flow, EventContext& context);
  void count_tls();
  void give_up(HalfFlow& half);
  mqtt::WebSocketReader& websocket(const Flow& flow, mqtt::Side side) {
    return websockets_[flow.websocket][static_cast<std::size_t>(side)];
  }
  const mqtt::WebSocketReader& websocket(const Flow& flow, mqtt::Side side) const {
    return websockets_[flow.websocket][static_cast<std::size_t>(side)];
  }

  const bool any_port_;
  const bool live_;
  SourceStatus& status_;
  PartialPackets partial_packets_;
  UnprovenEvents unproven_;
  std::bitset<65536> ports_;
  std::bitset<65536> tls_ports_;
  std::vector<WebSocketReaders> websockets_;  // by Flow::websocket
  std::vector<std::uint32_t> free_websockets_;
  std::array<char, 4096> scratch_;
  std::array<char, 512> concatenated_;
};

}  // namespace mre
