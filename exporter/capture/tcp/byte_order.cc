// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/tcp/byte_order.h"

#include <algorithm>
#include <cstdlib>

namespace mre {
namespace {

using mqtt::Side;

/// What the broker says can only be read when it is known what the client has said before.
bool waits_for_connect(const Flow& flow, Side side, const Segment& segment) {
  const HalfFlow& client = flow.half(Side::client);
  return side == Side::broker && flow.version == mqtt::Version::unknown && !flow.joined &&
         !flow.waits_no_more && client.heard && segment.has(kAck) && distance(client.next, segment.ack) > 0;
}

/// What a client says after its request for WebSocket can only be read when the broker has answered it.
bool waits_for_answer(const Flow& flow, Side side, const Segment& segment) {
  const HalfFlow& broker = flow.half(Side::broker);
  return side == Side::client && flow.kind == FlowKind::websocket && !flow.proven && !flow.joined &&
         !flow.waits_no_more && broker.heard && distance(broker.next, segment.ack) > 0;
}

void begin_at(HalfFlow& half, std::uint32_t seq, bool is_beginning) {
  half.begun = true;
  half.start = half.next = seq;
  half.reading = is_beginning ? Reading::fresh : Reading::lost;
}

bool is_unread(const HalfFlow& half) { return half.next == half.start && half.held == kNone; }

/// A broker's numbers, of which nothing is read yet, may begin elsewhere than it seemed. One from which too
/// many want something at once forgets whom it has answered, and answers the same SYN again with other
/// numbers (SYN cookies, RFC 4987 section 3.6). Or a port is used again, and the broker first answers as in
/// the connection before.
void begin_elsewhere(HalfFlow& broker, const Segment& segment) {
  if (segment.has(kSyn) && segment.seq != broker.start) {
    if (broker.heard) broker.acked = broker.start;
    broker.answered_twice = broker.heard;
    broker.ack_seen = false;
    begin_at(broker, segment.seq, true);
  } else if (std::abs(std::int64_t{distance(broker.start, segment.seq)}) > ByteOrder::kPlausibleGap) {
    begin_at(broker, segment.seq, false);
  }
}

/// Of two answers of the broker, the one that the client acknowledges holds.
void choose_answer(HalfFlow& broker, const Segment& segment) {
  if (!broker.answered_twice || !segment.has(kAck)) return;
  broker.answered_twice = false;
  if (is_unread(broker) && segment.ack == broker.acked) begin_at(broker, segment.ack, true);
}

/// The first bytes of a client acknowledge the broker's SYN and nothing else, as the broker has not said
/// more. Who does not know its number was not answered, and is not heard.
bool is_unanswered(const Flow& flow, Side side, const Segment& segment) {
  const HalfFlow& client = flow.half(Side::client);
  const HalfFlow& broker = flow.half(Side::broker);
  if (side == Side::broker || segment.length == 0 || flow.joined || !broker.heard) return false;
  if (client.next != client.start || broker.next != broker.start || distance(client.start, segment.seq) < 0)
    return false;
  return segment.ack != broker.start && !(broker.answered_twice && segment.ack == broker.acked);
}

/// Which byte of the client is urgent, if it is still to come; of two, the later one.
void note_urgent(Flow& flow, const Segment& segment) {
  if (segment.urgent == 0 || flow.ending) return;
  const std::uint32_t byte = segment.seq + segment.urgent - 1;
  if (distance(flow.half(Side::client).next, byte) < 0) return;
  if (flow.urgent_ahead && distance(flow.urgent_or_fin, byte) < 0) return;
  flow.urgent_or_fin = byte;
  flow.urgent_ahead = true;
}

}  // namespace

void ByteOrder::take(Flow& flow, Side side, const Segment& segment, Scene& scene) {
  if (is_unanswered(flow, side, segment)) return;
  begin(flow, side, segment);
  note_ack(flow, side, segment);
  if (segment.length != 0 || segment.has(kFin) || segment.has(kRst)) {
    if (is_due(flow, side, segment)) {
      deliver(flow, side, segment, scene);
    } else {
      hold(flow, side, segment, scene);
    }
  }
  if (flow.halves[0].held == kNone && flow.halves[1].held == kNone) return;
  while (release(flow, Side::client, scene) || release(flow, Side::broker, scene)) {
  }
  lose_patience(flow, scene);
}

/// The numbers of a direction begin with its SYN; else with the first acknowledgement of the other side, or
/// with its first segment. What is said begins there for sure only if that was in the handshake, or belongs
/// to the CONNECT by which the connection was found.
void ByteOrder::begin(Flow& flow, Side side, const Segment& segment) {
  HalfFlow& half = flow.half(side);
  const bool is_opening = segment.has(kSyn) || (side == Side::client && !flow.joined);
  if (!half.begun) begin_at(half, segment.seq, is_opening);
  if (side == Side::broker && is_unread(half) && !segment.has(kRst)) {
    if (segment.has(kSyn) && !half.heard && segment.seq != half.start) restart_client(flow);
    begin_elsewhere(half, segment);
  }
  half.heard = true;
  HalfFlow& peer = flow.half(other_side(side));
  const bool says_first = is_opening && segment.seq == half.start;
  if (segment.has(kAck) && !peer.begun) begin_at(peer, segment.ack, says_first);
  if (side == Side::client) choose_answer(peer, segment);
}

/// What the client has said acknowledged a number that the broker never had: it was not heard.
void ByteOrder::restart_client(Flow& flow) {
  HalfFlow& client = flow.half(Side::client);
  if (!client.begun || is_unread(client)) return;
  held_.drop(client);
  begin_at(client, client.start, true);
  flow.urgent_ahead = false;
  conversation_.restart(flow);
}

void ByteOrder::note_ack(Flow& flow, Side side, const Segment& segment) {
  if (!segment.has(kAck)) return;
  HalfFlow& half = flow.half(other_side(side));
  if (!half.ack_seen || distance(half.acked, segment.ack) > 0) half.acked = segment.ack;
  half.ack_seen = true;
}

bool ByteOrder::is_due(Flow& flow, Side side, const Segment& segment) {
  HalfFlow& half = flow.half(side);
  const std::int32_t gap = distance(half.next, segment.seq);
  if (gap > 0) {
    const std::uint32_t passed =
        std::min(static_cast<std::uint32_t>(gap), conversation_.skippable(flow, side));
    conversation_.skip(flow, side, passed);
    half.next += passed;
  }
  return distance(half.next, segment.seq) <= 0 && !waits_for_connect(flow, side, segment) &&
         !waits_for_answer(flow, side, segment);
}

void ByteOrder::deliver(Flow& flow, Side side, const Segment& segment, Scene& scene) {
  HalfFlow& half = flow.half(side);
  const auto old = static_cast<std::uint32_t>(-distance(half.next, segment.seq));  // it is due
  if (side == Side::client) note_urgent(flow, segment);
  if (!half.fin && old < segment.length) read(flow, side, segment, old, scene);
  const bool complete = half.next == segment.seq + segment.length;
  if (segment.has(kFin) && !half.fin && complete) {
    half.fin = true;
    ++half.next;
    endings_.on_fin(flow, side, segment, scene);
  }
  if (segment.has(kRst) && old <= kPlausibleGap) endings_.on_reset(flow, side, scene);
}

/// Reads what is behind the first `old` bytes. Those that the capture has cut off will not come.
void ByteOrder::read(Flow& flow, Side side, const Segment& segment, std::uint32_t old, Scene& scene) {
  std::string_view bytes = segment.payload.substr(std::min<std::size_t>(old, segment.payload.size()));
  const auto read_bytes = static_cast<std::uint32_t>(bytes.size());
  const std::int32_t urgent = distance(flow.half(side).next, flow.urgent_or_fin);
  flow.half(side).next = segment.seq + segment.length;
  if (flow.urgent_ahead && side == Side::client && urgent < static_cast<std::int32_t>(segment.length - old)) {
    flow.urgent_ahead = false;
    const std::string_view before = bytes.substr(0, static_cast<std::size_t>(std::max(urgent, 0)));
    if (!before.empty()) conversation_.read(flow, side, before, scene);
    bytes.remove_prefix(std::min(bytes.size(), before.size() + (urgent >= 0 ? 1 : 0)));
  }
  if (!bytes.empty()) conversation_.read(flow, side, bytes, scene);
  std::uint32_t missing = segment.length - old - read_bytes;
  if (missing == 0) return;
  const std::uint32_t passed = std::min(missing, conversation_.skippable(flow, side));
  conversation_.skip(flow, side, passed);
  missing -= passed;
  if (missing == 0) return;
  status_.missing_bytes += missing;
  conversation_.lose(flow, side);
}

void ByteOrder::hold(Flow& flow, Side side, const Segment& segment, Scene& scene) {
  if (flow.half(side).fin) return;
  do {
    switch (held_.keep(flow, side, segment, scene.now)) {
      case HeldSegments::Kept::yes:
        return;
      case HeldSegments::Kept::connection_full:
        if (flow.half(side).held == kNone) {
          go_on_behind(flow, side, segment);
        } else {
          give_up(flow, side, scene);
        }
        break;
      case HeldSegments::Kept::all_full: {
        const Held& oldest = held_.oldest();
        give_up(flows_.at(oldest.flow), oldest.side, scene);
        break;
      }
    }
  } while (!is_due(flow, side, segment));
  deliver(flow, side, segment, scene);
}

/// Whether one of a direction's was due.
bool ByteOrder::release(Flow& flow, Side side, Scene& scene) {
  HalfFlow& half = flow.half(side);
  bool was_due = false;
  while (half.held != kNone && is_due(flow, side, held_.at(half.held).segment)) {
    Held& held = held_.take_first(half);
    deliver(flow, side, held.segment, scene);
    held_.free(held);
    was_due = true;
  }
  return was_due;
}

bool ByteOrder::is_acked(const HalfFlow& half) const {
  return half.ack_seen && distance(held_.at(half.held).segment.seq, half.acked) >= 0;
}

void ByteOrder::lose_patience(Flow& flow, Scene& scene) {
  bool waits = false;
  for (const Side side : {Side::client, Side::broker}) {
    HalfFlow& half = flow.half(side);
    if (half.held == kNone || !is_acked(half)) continue;
    waits = true;
    if (flow.patience < kPatience) continue;
    give_up(flow, side, scene);
    flow.patience = 0;
  }
  flow.patience = waits ? static_cast<std::uint8_t>(flow.patience + 1) : 0;
}

void ByteOrder::settle(Scene& scene, bool all) {
  while (all && !held_.empty()) settle(held_.oldest(), scene, true);
  for (std::uint32_t place = 0; place < held_.places(); ++place) {
    if (held_.at(place).flow != kNone) settle(held_.at(place), scene, false);
  }
}

void ByteOrder::settle(const Held& held, Scene& scene, bool all) {
  const std::int32_t waited = ticks_between(held.since, scene.now);
  Flow& flow = flows_.at(held.flow);
  HalfFlow& half = flow.half(held.side);
  const bool acked = is_acked(half);
  if (!all && waited < (acked ? kAckedWait : kWait)) return;
  const std::int32_t gap = distance(half.next, held_.at(half.held).segment.seq);
  if (half.ack_seen && !acked && gap > kPlausibleGap) return held_.drop(half);
  give_up(flow, held.side, scene);
}

void ByteOrder::go_on_behind(Flow& flow, Side side, const Segment& segment) {
  HalfFlow& half = flow.half(side);
  const std::int32_t gap = distance(half.next, segment.seq);
  if (gap <= 0) {
    flow.waits_no_more = true;
    return;
  }
  status_.missing_bytes += static_cast<std::uint32_t>(gap);
  half.next = segment.seq;
  conversation_.lose(flow, side);
}

/// Goes on with the first segment that is held.
void ByteOrder::give_up(Flow& flow, Side side, Scene& scene) {
  const Scene before = scene;
  const Segment first = held_.at(flow.half(side).held).segment;
  scene.set_peers(first, side);
  go_on_behind(flow, side, first);
  release(flow, side, scene);
  scene.client = before.client;
  scene.broker = before.broker;
}

void ByteOrder::forget(Flow& flow) {
  held_.drop(flow.half(Side::client));
  held_.drop(flow.half(Side::broker));
}

}  // namespace mre
