// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/capture/connection/endings.h"
#include "exporter/capture/tcp/held_segments.h"

namespace mre {

/// Puts the segments of connections into the order of their bytes: each byte once.
///
/// A segment ahead of its turn is held until what is missing has come; bytes that hold nothing that would be
/// told (the payload of a PUBLISH) are neither waited for nor kept. What is missing is given up, when
/// - the other side has acknowledged it, so that it will not be sent again, and kPatience more frames of the
///   connection or kAckedWait have passed: a capture may have the two directions in another order;
/// - kWait has passed; or all places are taken; or the recording is at its end.
/// What is held further ahead than kPlausibleGap, and was not acknowledged by a side that is seen to do so,
/// is dropped instead: it would lead away from the bytes that the receiver takes.
///
/// A broker's answer waits in the same way for the CONNECT that it acknowledges, and what a client says for
/// the answer to its request for WebSocket.
///
/// What the receiver would not take is left out, as Linux does: what a client says before it has acknowledged
/// the broker's SYN, and urgent bytes (MSG_OOB). Lost: bytes of a SYN (TCP Fast Open); they are missing.
class ByteOrder {
 public:
  static constexpr std::uint8_t kPatience = 16;
  static constexpr std::int32_t kAckedWait = kTicksPerSecond;
  static constexpr std::int32_t kWait = 10 * kTicksPerSecond;
  static constexpr std::int32_t kPlausibleGap = 1 << 20;

  ByteOrder(FlowTable& flows, Conversation& conversation, Endings& endings, SourceStatus& status)
      : flows_(flows), conversation_(conversation), endings_(endings), status_(status) {}

  /// Reads the segment, with what waited for it, or holds it.
  void take(Flow& flow, mqtt::Side side, const Segment& segment, Scene& scene);

  /// Gives up what was waited for long enough; with `all`, everything.
  void settle(Scene& scene, bool all);

  /// Frees what is held of a connection.
  void forget(Flow& flow);

 private:
  using Held = HeldSegments::Held;

  void begin(Flow& flow, mqtt::Side side, const Segment& segment);
  void restart_client(Flow& flow);
  static void note_ack(Flow& flow, mqtt::Side side, const Segment& segment);
  bool is_due(Flow& flow, mqtt::Side side, const Segment& segment);
  void deliver(Flow& flow, mqtt::Side side, const Segment& segment, Scene& scene);
  void read(Flow& flow, mqtt::Side side, const Segment& segment, std::uint32_t old, Scene& scene);
  void hold(Flow& flow, mqtt::Side side, const Segment& segment, Scene& scene);
  bool release(Flow& flow, mqtt::Side side, Scene& scene);
  void lose_patience(Flow& flow, Scene& scene);
  bool is_acked(const HalfFlow& half) const;
  void settle(const Held& held, Scene& scene, bool all);
  void go_on_behind(Flow& flow, mqtt::Side side, const Segment& segment);
  void give_up(Flow& flow, mqtt::Side side, Scene& scene);

  FlowTable& flows_;
  Conversation& conversation_;
  Endings& endings_;
  SourceStatus& status_;
  HeldSegments held_;
};

}  // namespace mre
