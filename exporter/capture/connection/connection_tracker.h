// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/capture/capture_options.h"
#include "exporter/capture/connection/connection_ends.h"
#include "exporter/capture/connection/mqtt_streams.h"
#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/local_addresses.h"
#include "exporter/capture/tcp/flow_table.h"
#include "exporter/capture/tcp/mirror_detector.h"
#include "exporter/capture/tcp/tcp_reassembler.h"
#include "exporter/event/decoder.h"
#include "exporter/event/source_status.h"

namespace mre {

/// Turns frames into reason events: follows the TCP connections of a broker. It does no input or output, and
/// its only clock is the time of the frames.
///
/// A frame passes these steps: read_frame (headers), FlowTable (finds the connection), TcpReassembler (bytes
/// in order, each once), MqttStreams (protocol, packets, reason codes) and ConnectionEnds. A frame in order
/// allocates no memory. Memory is bounded: about 140 bytes per connection, and OutOfOrderSegments::kMaxBytes.
class ConnectionTracker {
 public:
  /// `options` are valid. Increments the counters of `status`, which must outlive this object. `local`, for a
  /// live capture, are the addresses of this machine and must outlive this object too. With them, the broker
  /// has one of these addresses unless the options name others, and the capture sees both directions of a
  /// connection.
  ConnectionTracker(const CaptureOptions& options, SourceStatus& status, LocalAddresses* local = nullptr);

  /// Reads one frame and emits the events that it completes. Frames come in the order of the capture, which
  /// need not be the order on the network.
  void process(const Frame& frame, EventSink& sink);

  /// Declares that no frame arrived until `time_us`, and emits the events whose wait is over. For a live
  /// capture without traffic.
  void advance_time(std::int64_t time_us, EventSink& sink);

  /// The recording is at its end: emits the events that waited for missing bytes. Open connections do not
  /// end.
  void finish(EventSink& sink);

  /// While the sink is called: the connection of the event, for display: "192.0.2.7:49152 > 192.0.2.1:1883".
  /// Empty if the endpoints are not known any more.
  std::string peers() const;
  std::string client() const;  ///< Of that connection: "192.0.2.7:49152".

  /// Ports of the broker on which TLS was seen.
  std::vector<std::uint16_t> tls_ports() const;

  /// A server that another machine connects to through this one on a port of the broker, although no address
  /// is configured.
  const std::optional<Endpoint>& unfollowed() const { return unfollowed_; }

 private:
  bool is_broker(const Endpoint& endpoint) const;
  void note_unfollowed(const Segment& segment);
  bool is_dropped_by_receiver(const Segment& segment) const;
  static bool is_forged(Flow& flow, const Segment& segment);
  void process(Segment& segment, EventContext& context);
  void process(Flow& flow, const Segment& segment, EventContext& context);
  Flow* open(const Segment& segment, const FlowKey& key, EventContext& context);
  Flow& insert(const FlowKey& key, EventContext& context);
  static bool is_new_connection(const Flow& flow, const Segment& segment);
  void close_unread(Flow& flow, const Segment& segment, Ticks now);
  void make_room(EventContext& context);
  void expire(EventContext& context);
  void forget(Flow& flow, EventContext& context);

  bool any_port_;
  bool any_address_;
  LocalAddresses* local_;
  std::optional<Endpoint> unfollowed_;
  std::bitset<65536> ports_;
  std::vector<IpAddress> addresses_;
  std::int32_t idle_ticks_;
  std::size_t max_transient_;
  SourceStatus& status_;
  FlowHash hash_;
  FlowTable flows_;
  MqttStreams streams_;
  ConnectionEnds ends_;
  TcpReassembler reassembler_;
  MirrorDetector mirrors_;
  std::int64_t now_us_ = 0;
  Ticks expired_at_ = 0;
  const EventContext* context_ = nullptr;  // set while the sink may be called
};

}  // namespace mre
