// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "exporter/capture/connection/mqtt_streams.h"
#include "exporter/capture/tcp/flow_table.h"

namespace mre {

/// Detects the ends of connections and emits events for those that no packet gave a reason for.
///
/// The side that sent the first FIN or RST has ended the connection. After both FINs no more bytes follow.
/// After a RST or a single FIN, bytes that the other side sent at the same time may still arrive: the event
/// waits kGrace for them. A FIN that acknowledges the other side's FIN was the second one, whatever the order
/// in the capture.
///
/// Not emitted, but counted as ends_unknown: the end of a connection with missing bytes, which may hold the
/// reason, and of a connection of which the capture has one direction only.
///
/// Of a connection without any MQTT, only one kind of end is emitted: the broker closed it without sending a
/// byte. It is "tls_error" if the client started TLS, else "connection_closed".
///
/// A close by the broker is "keep_alive_timeout" if the client was silent for 1.5 times its keep-alive (MQTT
/// 5.0 section 3.1.2.10), or up to a second less. Lost: a keep-alive that the broker sets in CONNACK is not
/// read; its timeout is "connection_closed".
class ConnectionEnds {
 public:
  static constexpr std::int32_t kGrace = 2 * kTicksPerSecond;

  ConnectionEnds(FlowTable& flows, MqttStreams& streams, SourceStatus& status)
      : flows_(flows), streams_(streams), status_(status), pending_(kMaxPending) {}

  /// The last byte of one direction was read, or the connection was reset. Called in byte order.
  void on_fin(Flow& flow, mqtt::Side side, const Segment& segment, EventContext& context);
  void on_reset(Flow& flow, mqtt::Side side, EventContext& context);

  /// Handles the end of a connection that is closing: no more frames of it follow.
  void end(Flow& flow, EventContext& context);

  /// Handles the ends whose grace period is over; with `all`, every pending end.
  void expire(EventContext& context, bool all);

 private:
  /// An end in its grace period.
  struct PendingEnd {
    FlowKey key;
    std::uint32_t flow;
    Ticks since;
    Endpoint client;
    Endpoint broker;
  };
  /// Beyond this number, the oldest are handled early.
  static constexpr std::size_t kMaxPending = 4096;

  void start(Flow& flow, mqtt::Side side, EventContext& context);
  void set_closed_by(Flow& flow, mqtt::Side side, Ticks now);
  void end_oldest(EventContext& context);

  FlowTable& flows_;
  MqttStreams& streams_;
  SourceStatus& status_;
  std::vector<PendingEnd> pending_;  // a ring
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace mre
