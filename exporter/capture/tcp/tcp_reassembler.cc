// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/tcp/tcp_reassembler.h"

#include <algorithm>
#include <cstdlib>

namespace mre {
namespace {

using mqtt::Side;

/// The broker's bytes can only be read after the client's CONNECT that they answer, which has the version.
bool waits_for_connect(const Flow& flow, Side side, const Segment& segment) {
  const HalfFlow& client = flow.half(Side::client);
  return side == Side::broker && flow.version == mqtt::Version::unknown && !flow.joined &&
         !flow.stopped_waiting && client.segment_seen && segment.has(kAck) &&
         distance(client.next, segment.ack) > 0;
}

/// A client's bytes after its WebSocket request can only be read after the broker's answer.
bool waits_for_answer(const Flow& flow, Side side, const Segment& segment) {
  const HalfFlow& broker = flow.half(Side::broker);
  return side == Side::client && flow.kind == FlowKind::websocket && !flow.identified && !flow.joined &&
         !flow.stopped_waiting && broker.segment_seen && distance(broker.next, segment.ack) > 0;
}

void start_at(HalfFlow& half, std::uint32_t seq, bool at_start_of_stream) {
  half.started = true;
  half.start = half.next = seq;
  half.reading = at_start_of_stream ? Reading::fresh : Reading::searching;
}

bool is_unread(const HalfFlow& half) { return half.next == half.start && half.first_out_of_order == kNone; }

/// Corrects the broker's first sequence number while none of its bytes has been read. A broker with many
/// half-open connections does not store them and answers a repeated SYN with another number (SYN cookies,
/// RFC 4987 section 3.6). When a port is reused, the first answer may belong to the previous connection.
void restart_broker(HalfFlow& broker, const Segment& segment) {
  if (segment.has(kSyn) && segment.seq != broker.start) {
    if (broker.segment_seen) broker.acked = broker.start;
    broker.answered_twice = broker.segment_seen;
    broker.ack_seen = false;
    start_at(broker, segment.seq, true);
  } else if (std::abs(std::int64_t{distance(broker.start, segment.seq)}) > TcpReassembler::kPlausibleGap) {
    start_at(broker, segment.seq, false);
  }
}

/// Of two answers of the broker, the one that the client acknowledges is valid.
void choose_answer(HalfFlow& broker, const Segment& segment) {
  if (!broker.answered_twice || !segment.has(kAck)) return;
  broker.answered_twice = false;
  if (is_unread(broker) && segment.ack == broker.acked) start_at(broker, segment.ack, true);
}

/// The first bytes of a client acknowledge exactly the broker's SYN, because the broker has not sent more.
/// The broker drops the bytes of a client that does not know its sequence number: it was never answered.
bool is_dropped_by_broker(const Flow& flow, Side side, const Segment& segment) {
  const HalfFlow& client = flow.half(Side::client);
  const HalfFlow& broker = flow.half(Side::broker);
  if (side == Side::broker || segment.length == 0 || flow.joined || !broker.segment_seen) return false;
  if (client.next != client.start || broker.next != broker.start || distance(client.start, segment.seq) < 0)
    return false;
  return segment.ack != broker.start && !(broker.answered_twice && segment.ack == broker.acked);
}

/// Stores which byte of the client is urgent if it has not arrived yet; of two, the later one.
void note_urgent(Flow& flow, const Segment& segment) {
  if (segment.urgent == 0 || flow.closing) return;
  const std::uint32_t byte = segment.seq + segment.urgent - 1;
  if (distance(flow.half(Side::client).next, byte) < 0) return;
  if (flow.urgent_ahead && distance(flow.urgent_or_fin, byte) < 0) return;
  flow.urgent_or_fin = byte;
  flow.urgent_ahead = true;
}

}  // namespace

void TcpReassembler::add(Flow& flow, Side side, const Segment& segment, EventContext& context) {
  if (is_dropped_by_broker(flow, side, segment)) return;
  start(flow, side, segment);
  note_ack(flow, side, segment);
  if (segment.length != 0 || segment.has(kFin) || segment.has(kRst)) {
    if (is_next(flow, side, segment)) {
      deliver(flow, side, segment, context);
    } else {
      buffer(flow, side, segment, context);
    }
  }
  if (flow.halves[0].first_out_of_order == kNone && flow.halves[1].first_out_of_order == kNone) return;
  while (deliver_buffered(flow, Side::client, context) || deliver_buffered(flow, Side::broker, context)) {
  }
  expire_by_frames(flow, context);
}

/// Sets the first sequence number of a direction: from its SYN, else from the first acknowledgement of the
/// other side, else from its first segment. It is known to be the start of the stream only in the handshake,
/// or in the CONNECT by which the connection was found.
void TcpReassembler::start(Flow& flow, Side side, const Segment& segment) {
  HalfFlow& half = flow.half(side);
  const bool is_handshake = segment.has(kSyn) || (side == Side::client && !flow.joined);
  if (!half.started) start_at(half, segment.seq, is_handshake);
  if (side == Side::broker && is_unread(half) && !segment.has(kRst)) {
    if (segment.has(kSyn) && !half.segment_seen && segment.seq != half.start) restart_client(flow);
    restart_broker(half, segment);
  }
  half.segment_seen = true;
  HalfFlow& peer = flow.half(other_side(side));
  const bool at_start = is_handshake && segment.seq == half.start;
  if (segment.has(kAck) && !peer.started) start_at(peer, segment.ack, at_start);
  if (side == Side::client) choose_answer(peer, segment);
}

/// Called when the client's bytes have acknowledged a number that the broker never had: the broker has
/// dropped them.
void TcpReassembler::restart_client(Flow& flow) {
  HalfFlow& client = flow.half(Side::client);
  if (!client.started || is_unread(client)) return;
  out_of_order_.clear(client);
  start_at(client, client.start, true);
  flow.urgent_ahead = false;
  streams_.restart(flow);
}

void TcpReassembler::note_ack(Flow& flow, Side side, const Segment& segment) {
  if (!segment.has(kAck)) return;
  HalfFlow& half = flow.half(other_side(side));
  if (!half.ack_seen || distance(half.acked, segment.ack) > 0) half.acked = segment.ack;
  half.ack_seen = true;
}

bool TcpReassembler::is_next(Flow& flow, Side side, const Segment& segment) {
  HalfFlow& half = flow.half(side);
  const std::int32_t gap = distance(half.next, segment.seq);
  if (gap > 0) {
    const std::uint32_t skipped = std::min(static_cast<std::uint32_t>(gap), streams_.skippable(flow, side));
    streams_.skip(flow, side, skipped);
    half.next += skipped;
  }
  return distance(half.next, segment.seq) <= 0 && !waits_for_connect(flow, side, segment) &&
         !waits_for_answer(flow, side, segment);
}

void TcpReassembler::deliver(Flow& flow, Side side, const Segment& segment, EventContext& context) {
  HalfFlow& half = flow.half(side);
  const auto old = static_cast<std::uint32_t>(-distance(half.next, segment.seq));  // not negative
  if (side == Side::client) note_urgent(flow, segment);
  if (!half.fin && old < segment.length) read(flow, side, segment, old, context);
  const bool complete = half.next == segment.seq + segment.length;
  if (segment.has(kFin) && !half.fin && complete) {
    half.fin = true;
    ++half.next;
    ends_.on_fin(flow, side, segment, context);
  }
  if (segment.has(kRst) && old <= kPlausibleGap) ends_.on_reset(flow, side, context);
}

/// Reads the segment without its first `old` bytes. Bytes that the capture has cut off are missing.
void TcpReassembler::read(Flow& flow, Side side, const Segment& segment, std::uint32_t old,
                          EventContext& context) {
  std::string_view bytes = segment.payload.substr(std::min<std::size_t>(old, segment.payload.size()));
  const auto read_bytes = static_cast<std::uint32_t>(bytes.size());
  const std::int32_t urgent = distance(flow.half(side).next, flow.urgent_or_fin);
  flow.half(side).next = segment.seq + segment.length;
  if (flow.urgent_ahead && side == Side::client && urgent < static_cast<std::int32_t>(segment.length - old)) {
    flow.urgent_ahead = false;
    const std::string_view before = bytes.substr(0, static_cast<std::size_t>(std::max(urgent, 0)));
    if (!before.empty()) streams_.read(flow, side, before, context);
    bytes.remove_prefix(std::min(bytes.size(), before.size() + (urgent >= 0 ? 1 : 0)));
  }
  if (!bytes.empty()) streams_.read(flow, side, bytes, context);
  std::uint32_t missing = segment.length - old - read_bytes;
  if (missing == 0) return;
  const std::uint32_t skipped = std::min(missing, streams_.skippable(flow, side));
  streams_.skip(flow, side, skipped);
  missing -= skipped;
  if (missing == 0) return;
  status_.missing_bytes += missing;
  streams_.on_gap(flow, side);
}

void TcpReassembler::buffer(Flow& flow, Side side, const Segment& segment, EventContext& context) {
  if (flow.half(side).fin) return;
  do {
    switch (out_of_order_.store(flow, side, segment, context.now)) {
      case OutOfOrderSegments::StoreResult::stored:
        return;
      case OutOfOrderSegments::StoreResult::connection_full:
        if (flow.half(side).first_out_of_order == kNone) {
          skip_gap_before(flow, side, segment);
        } else {
          give_up_gap(flow, side, context);
        }
        break;
      case OutOfOrderSegments::StoreResult::table_full: {
        const Entry& oldest = out_of_order_.oldest();
        give_up_gap(flows_.at(oldest.flow), oldest.side, context);
        break;
      }
    }
  } while (!is_next(flow, side, segment));
  deliver(flow, side, segment, context);
}

/// Returns whether a segment was delivered.
bool TcpReassembler::deliver_buffered(Flow& flow, Side side, EventContext& context) {
  HalfFlow& half = flow.half(side);
  bool delivered = false;
  while (half.first_out_of_order != kNone &&
         is_next(flow, side, out_of_order_.at(half.first_out_of_order).segment)) {
    Entry& entry = out_of_order_.pop_first(half);
    deliver(flow, side, entry.segment, context);
    out_of_order_.free(entry);
    delivered = true;
  }
  return delivered;
}

bool TcpReassembler::is_acked(const HalfFlow& half) const {
  return half.ack_seen && distance(out_of_order_.at(half.first_out_of_order).segment.seq, half.acked) >= 0;
}

void TcpReassembler::expire_by_frames(Flow& flow, EventContext& context) {
  bool waits = false;
  for (const Side side : {Side::client, Side::broker}) {
    HalfFlow& half = flow.half(side);
    if (half.first_out_of_order == kNone || !is_acked(half)) continue;
    waits = true;
    if (flow.frames_waited < kMaxFramesWaited) continue;
    give_up_gap(flow, side, context);
    flow.frames_waited = 0;
  }
  flow.frames_waited = waits ? static_cast<std::uint8_t>(flow.frames_waited + 1) : 0;
}

void TcpReassembler::expire(EventContext& context, bool all) {
  while (all && !out_of_order_.empty()) expire(out_of_order_.oldest(), context, true);
  for (std::uint32_t slot = 0; slot < out_of_order_.slots(); ++slot) {
    if (out_of_order_.at(slot).flow != kNone) expire(out_of_order_.at(slot), context, false);
  }
}

void TcpReassembler::expire(const Entry& entry, EventContext& context, bool all) {
  const std::int32_t waited = ticks_between(entry.since, context.now);
  Flow& flow = flows_.at(entry.flow);
  HalfFlow& half = flow.half(entry.side);
  const bool acked = is_acked(half);
  if (!all && waited < (acked ? kMaxAckedWait : kMaxWait)) return;
  const std::int32_t gap = distance(half.next, out_of_order_.at(half.first_out_of_order).segment.seq);
  if (half.ack_seen && !acked && gap > kPlausibleGap) return out_of_order_.clear(half);
  give_up_gap(flow, entry.side, context);
}

void TcpReassembler::skip_gap_before(Flow& flow, Side side, const Segment& segment) {
  HalfFlow& half = flow.half(side);
  const std::int32_t gap = distance(half.next, segment.seq);
  if (gap <= 0) {
    flow.stopped_waiting = true;
    return;
  }
  status_.missing_bytes += static_cast<std::uint32_t>(gap);
  half.next = segment.seq;
  streams_.on_gap(flow, side);
}

/// Continues with the first buffered segment.
void TcpReassembler::give_up_gap(Flow& flow, Side side, EventContext& context) {
  const EventContext before = context;
  const Segment first = out_of_order_.at(flow.half(side).first_out_of_order).segment;
  context.set_peers(first, side);
  skip_gap_before(flow, side, first);
  deliver_buffered(flow, side, context);
  context.client = before.client;
  context.broker = before.broker;
}

void TcpReassembler::forget(Flow& flow) {
  out_of_order_.clear(flow.half(Side::client));
  out_of_order_.clear(flow.half(Side::broker));
}

}  // namespace mre
