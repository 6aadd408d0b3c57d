// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string_view>
#include <vector>

#include "exporter/capture/connection/withheld_events.h"
#include "exporter/capture/tcp/beginnings.h"
#include "exporter/capture/tcp/flow.h"
#include "exporter/event/source_status.h"
#include "exporter/mqtt/websocket.h"

namespace mre {

/// What the bytes of a connection say, once they are in order: what is spoken, then the reason codes.
///
/// A connection is what its broker's first bytes are; what the client's are, for a capture that has one side
/// only, or until the broker has spoken. Nothing is told of one before it is believed: see is_believed. A
/// direction that lost its place finds it again at the first segment that begins with packets, as far as can
/// be seen: a payload that was made to look like packets can deceive it. One that never had a place gives up
/// after kMaxLostSegments or kMaxLostKib.
class Conversation {
 public:
  static constexpr int kMaxLostSegments = 64;
  static constexpr std::uint16_t kMaxLostKib = 1024;

  /// `any_port`: the ports of brokers are not known but for MQTT's own, 1883; on another one a connection
  /// must show what it is by a CONNECT.
  /// `live`: both sides of every connection pass.
  Conversation(bool any_port, bool live, SourceStatus& status);

  /// Reads what comes next in one direction: not empty, whole segments or what is new in them.
  void read(Flow& flow, mqtt::Side side, std::string_view bytes, Scene& scene);

  /// How many of the bytes that come next may be missing.
  std::uint32_t skippable(const Flow& flow, mqtt::Side side) const;
  /// Goes on behind so many bytes that were not seen; at most `skippable()`.
  void skip(Flow& flow, mqtt::Side side, std::uint32_t bytes);
  /// More is missing than that.
  void lose(Flow& flow, mqtt::Side side);
  /// What the client has said so far is void.
  void restart(Flow& flow);

  /// Whether two sides have spoken, so that no single frame that a stranger has made is enough. In the middle
  /// of a connection each side must have sent packets. From the beginning, something; of a recording that
  /// has one side only, the handshake is enough.
  bool is_believed(const Flow& flow) const;

  /// Bytes of a connection that is TLS: tells it, if they hold an alert that ends the handshake.
  void read_tls(Flow& flow, mqtt::Side side, std::string_view bytes, const Scene& scene);

  /// From now on it counts as followed.
  void follow(Flow& flow);
  void set_kind(Flow& flow, FlowKind kind);
  /// Nothing more will be said, or it will not be heard: it is not followed any more.
  void unfollow(Flow& flow);
  /// Gives back what is kept of it besides the Flow.
  void forget(Flow& flow);

  /// Ports of brokers, learnt from their clients.
  const std::bitset<65536>& ports() const { return ports_; }
  /// Ports on which TLS was seen.
  const std::bitset<65536>& tls_ports() const { return tls_ports_; }

 private:
  using WebSocketReaders = std::array<mqtt::WebSocketReader, 2>;

  bool knows_port(const Scene& scene) const;
  void classify(Flow& flow, mqtt::Side side, std::string_view bytes, const Scene& scene);
  void classify_client(Flow& flow, std::string_view bytes, const Scene& scene);
  void classify_broker(Flow& flow, std::string_view bytes, const Scene& scene);
  void accept(Flow& flow, FlowKind kind);
  static void unplace(Flow& flow, mqtt::Side side);
  void look_for_packets(Flow& flow, mqtt::Side side, std::string_view bytes, Scene& scene);
  std::string_view joined(std::string_view before, std::string_view bytes);
  void find_place(Flow& flow, mqtt::Side side, Scene& scene);
  bool finds_packets(Flow& flow, mqtt::Side side, std::string_view bytes);
  bool begins_frame(std::string_view bytes, mqtt::Side side, mqtt::Version version);
  void count_lost(Flow& flow, mqtt::Side side, std::size_t bytes);
  void read_websocket(Flow& flow, mqtt::Side side, std::string_view bytes, Scene& scene);
  bool may_frame(const Flow& flow) const;
  void read_packets(Flow& flow, mqtt::Side side, std::string_view bytes, Scene& scene);
  void tell(Flow& flow, mqtt::Side side, const mqtt::Told& told, Scene& scene);
  void tell_good_bye(Flow& flow, mqtt::Side side, const mqtt::Told& told, Scene& scene);
  void tell_code(Flow& flow, mqtt::Side side, const mqtt::Told& told, Scene& scene);
  void withhold(const Flow& flow, const auto& event);
  void prove(Flow& flow, Scene& scene);
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
  Beginnings beginnings_;
  WithheldEvents withheld_;
  std::bitset<65536> ports_;
  std::bitset<65536> tls_ports_;
  std::vector<WebSocketReaders> websockets_;  // by Flow::websocket
  std::vector<std::uint32_t> free_websockets_;
  std::array<char, 4096> scratch_;
  std::array<char, 512> joined_;
};

}  // namespace mre
