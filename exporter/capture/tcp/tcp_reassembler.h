// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/capture/connection/connection_ends.h"
#include "exporter/capture/tcp/out_of_order_segments.h"

namespace mre {

/// Delivers the bytes of each direction in order and exactly once.
///
/// A segment that arrives early is buffered until the missing bytes arrive. Bytes that cannot hold an event
/// (the payload of a PUBLISH) are neither waited for nor buffered. A gap is given up
/// - when the other side has acknowledged it, so that it will not be sent again, and kMaxFramesWaited more
///   frames of the connection or kMaxAckedWait have passed (a capture may have the two directions in another
///   order than the network);
/// - after kMaxWait;
/// - when OutOfOrderSegments is full;
/// - at the end of the recording.
/// Bytes in a gap are counted as missing_bytes. A buffered segment more than kPlausibleGap ahead, which the
/// other side has not acknowledged although it acknowledges others, is dropped instead: it is not from the
/// sender, and reading it would lose the bytes that the receiver gets.
///
/// A broker's answer also waits for the CONNECT that it acknowledges, and a client's bytes after its
/// WebSocket request wait for the broker's answer.
///
/// Bytes that the receiver drops are dropped here too, by the rules of Linux: what a client sends before it
/// has acknowledged the broker's SYN, and urgent bytes (MSG_OOB). Lost: the bytes of a SYN (TCP Fast Open),
/// which count as missing.
class TcpReassembler {
 public:
  static constexpr std::uint8_t kMaxFramesWaited = 16;
  static constexpr std::int32_t kMaxAckedWait = kTicksPerSecond;
  static constexpr std::int32_t kMaxWait = 10 * kTicksPerSecond;
  static constexpr std::int32_t kPlausibleGap = 1 << 20;

  TcpReassembler(FlowTable& flows, MqttStreams& streams, ConnectionEnds& ends, SourceStatus& status)
      : flows_(flows), streams_(streams), ends_(ends), status_(status) {}

  /// Delivers the segment and the buffered ones that follow it, or buffers it.
  void add(Flow& flow, mqtt::Side side, const Segment& segment, EventContext& context);

  /// Gives up the gaps that have been waited for long enough; with `all`, every gap.
  void expire(EventContext& context, bool all);

  /// Frees the buffered segments of a connection.
  void forget(Flow& flow);

 private:
  using Entry = OutOfOrderSegments::Entry;

  void start(Flow& flow, mqtt::Side side, const Segment& segment);
  void restart_client(Flow& flow);
  static void note_ack(Flow& flow, mqtt::Side side, const Segment& segment);
  bool is_next(Flow& flow, mqtt::Side side, const Segment& segment);
  void deliver(Flow& flow, mqtt::Side side, const Segment& segment, EventContext& context);
  void read(Flow& flow, mqtt::Side side, const Segment& segment, std::uint32_t old, EventContext& context);
  void buffer(Flow& flow, mqtt::Side side, const Segment& segment, EventContext& context);
  bool deliver_buffered(Flow& flow, mqtt::Side side, EventContext& context);
  void expire_by_frames(Flow& flow, EventContext& context);
  bool is_acked(const HalfFlow& half) const;
  void expire(const Entry& entry, EventContext& context, bool all);
  void skip_gap_before(Flow& flow, mqtt::Side side, const Segment& segment);
  void give_up_gap(Flow& flow, mqtt::Side side, EventContext& context);

  FlowTable& flows_;
  MqttStreams& streams_;
  ConnectionEnds& ends_;
  SourceStatus& status_;
  OutOfOrderSegments out_of_order_;
};

}  // namespace mre
