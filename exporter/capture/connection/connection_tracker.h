// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/capture/capture_options.h"
#include "exporter/capture/connection/conversation.h"
#include "exporter/capture/connection/endings.h"
#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/own_addresses.h"
#include "exporter/capture/tcp/byte_order.h"
#include "exporter/capture/tcp/flow_table.h"
#include "exporter/capture/tcp/recent_openings.h"
#include "exporter/event/decoder.h"
#include "exporter/event/source_status.h"

namespace mre {

/// Frames in, reason events out: follows the TCP connections of a broker. No input or output of its own, and
/// its only clock is the one of the frames.
///
/// A frame goes down these steps: read_frame (headers), FlowTable (which connection), ByteOrder (in sequence,
/// each byte once), Conversation (what is spoken, and its codes), Endings. Nothing is allocated for a frame
/// that comes in its turn. Memory is bounded: about 140 bytes a connection, HeldSegments::kMaxBytes for those
/// that do not come in their turn.
class ConnectionTracker {
 public:
  /// `options` are valid. The counters of `status` are raised as things happen; it must outlive this, and so
  /// must `own`: the addresses of this machine, for a live capture. Then the broker has one of them, if none
  /// is named, and both sides of a connection are seen.
  ConnectionTracker(const CaptureOptions& options, SourceStatus& status, OwnAddresses* own = nullptr);

  /// Reads one frame and tells what it completes. Frames come in the order of the capture, which need not be
  /// that of the network.
  void see(const Frame& frame, EventSink& sink);

  /// No frame has come up to this moment, by the clock of the frames: tells what was waited for long enough.
  /// For a live capture when nothing passes.
  void pass_time(std::int64_t time_us, EventSink& sink);

  /// No frame follows: tells what waited for missing bytes. Connections that are open are not ended by it.
  void finish(EventSink& sink);

  /// While the sink is called: the connection that tells it, for people: "192.0.2.7:49152 > 192.0.2.1:1883".
  /// Empty if it is not known any more.
  std::string peers() const;

  /// Ports of the broker on which TLS was seen.
  std::vector<std::uint16_t> tls_ports() const;

  /// Where somebody else connects to through this machine, on a port of the broker, if no address is named.
  const std::optional<Endpoint>& unfollowed() const { return unfollowed_; }

 private:
  bool is_broker(const Endpoint& endpoint) const;
  void note_unfollowed(const Segment& segment);
  bool is_unheard(const Segment& segment) const;
  static bool is_forged(Flow& flow, const Segment& segment);
  void take(Segment& segment, Scene& scene);
  void take(Flow& flow, const Segment& segment, Scene& scene);
  Flow* open(const Segment& segment, const FlowKey& key, Scene& scene);
  Flow& insert(const FlowKey& key, Scene& scene);
  static bool begins_anew(const Flow& flow, const Segment& segment);
  void end_unread(Flow& flow, const Segment& segment, Ticks now);
  void make_room(Scene& scene);
  void expire(Scene& scene);
  void drop(Flow& flow, Scene& scene);

  bool any_port_;
  bool any_address_;
  OwnAddresses* own_;
  std::optional<Endpoint> unfollowed_;
  std::bitset<65536> ports_;
  std::vector<IpAddress> addresses_;
  std::int32_t idle_ticks_;
  std::size_t max_brief_;
  SourceStatus& status_;
  FlowHash hash_;
  FlowTable flows_;
  Conversation conversation_;
  Endings endings_;
  ByteOrder order_;
  RecentOpenings openings_;
  std::int64_t now_us_ = 0;
  Ticks settled_ = 0;
  const Scene* scene_ = nullptr;  // while the sink may be called
};

}  // namespace mre
