// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/connection/connection_ends.h"

#include <algorithm>

#include "exporter/mqtt/close_reason.h"

namespace mre {
namespace {

/// Whether the client was silent for 1.5 times its keep-alive. A broker that counts whole seconds may act a
/// second early and round the half down, but never before the keep-alive itself. Frame times are exact to one
/// tick.
bool keep_alive_passed(const Flow& flow, Ticks now) {
  if (flow.keep_alive == 0) return false;
  const std::int32_t seconds = std::max(flow.keep_alive * 3 / 2 - 1, std::int32_t{flow.keep_alive});
  const std::int32_t allowed = seconds * kTicksPerSecond;
  return ticks_between(flow.client_active, now) + 1 >= allowed;
}

/// Whether all bytes of one side were read, so that they held no DISCONNECT and no refusal.
bool is_all_read(const HalfFlow& half) {
  const bool unseen_ack = half.ack_seen && distance(half.next, half.acked) > 0;
  if (!half.segment_seen || unseen_ack) return false;
  const bool nothing_sent = half.reading == Reading::searching && half.unsynced_segments == 0;
  return half.reading == Reading::packets || half.reading == Reading::fresh || nothing_sent ||
         half.reader.broken();
}

/// The number of bytes of one side that were read or skipped, without its FIN.
std::uint32_t bytes_sent(const HalfFlow& half) { return half.next - half.start - (half.fin ? 1 : 0); }

/// Whether the broker closed the connection without sending a byte, and the client had sent nothing, or only
/// the start of TLS. All acknowledged bytes of both sides were seen.
bool is_silent_refusal(const Flow& flow) {
  const HalfFlow& client = flow.half(mqtt::Side::client);
  const HalfFlow& broker = flow.half(mqtt::Side::broker);
  if (flow.kind != FlowKind::undecided || flow.closed_by != mqtt::Side::broker || !flow.handshake)
    return false;
  if (bytes_sent(broker) != 0 || !broker.ack_seen || distance(broker.next, broker.acked) > 0) return false;
  if (!client.ack_seen || distance(client.next, client.acked) > 0 || client.first_out_of_order != kNone)
    return false;
  const bool has_all = distance(client.start + bytes_sent(client), client.acked) >= 0;
  return flow.tls_offered ? has_all : bytes_sent(client) == 0;
}

CloseEvent close_event(const Flow& flow) {
  static const mqtt::CloseReason closed = mqtt::close_reason_from("connection_closed").value();
  static const mqtt::CloseReason timed_out = mqtt::close_reason_from("keep_alive_timeout").value();
  const bool by_broker = flow.closed_by == mqtt::Side::broker;
  return {.protocol = mqtt::protocol_of(flow.version),
          .reason = by_broker && flow.timed_out ? timed_out : closed,
          .initiator = by_broker ? mqtt::Initiator::broker : mqtt::Initiator::client};
}

CloseEvent refusal_event(const Flow& flow) {
  static const mqtt::CloseReason tls_error = mqtt::close_reason_from("tls_error").value();
  CloseEvent event = close_event(flow);
  if (flow.tls_offered) event.reason = tls_error;
  return event;
}

}  // namespace

void ConnectionEnds::on_fin(Flow& flow, mqtt::Side side, const Segment& segment, EventContext& context) {
  if (flow.ended) return;
  if (!flow.closing) {
    flow.urgent_ahead = false;
    flow.urgent_or_fin = segment.ack;
    return start(flow, side, context);
  }
  const bool both = flow.halves[0].fin && flow.halves[1].fin;
  const std::uint32_t fin = segment.seq + segment.length;
  if (flow.closed_by != side && both && distance(fin, flow.urgent_or_fin) > 0) {
    set_closed_by(flow, side, context.now);
  }
  if (both) end(flow, context);
}

void ConnectionEnds::on_reset(Flow& flow, mqtt::Side side, EventContext& context) {
  if (!flow.ended && !flow.closing) start(flow, side, context);
}

void ConnectionEnds::start(Flow& flow, mqtt::Side side, EventContext& context) {
  flow.closing = true;
  set_closed_by(flow, side, context.now);
  if (count_ == kMaxPending) end_oldest(context);
  pending_[(first_ + count_) % kMaxPending] = {.key = flow.key,
                                               .flow = flow.index,
                                               .since = context.now,
                                               .client = *context.client,
                                               .broker = *context.broker};
  ++count_;
}

void ConnectionEnds::set_closed_by(Flow& flow, mqtt::Side side, Ticks now) {
  flow.closed_by = side;
  flow.timed_out = keep_alive_passed(flow, now);
}

void ConnectionEnds::end(Flow& flow, EventContext& context) {
  if (flow.ended || !flow.closing) return;
  flow.ended = true;
  if (flow.readable() && flow.mqtt_seen && !flow.reason_seen) {
    if (!streams_.is_proven(flow)) {
      ++status_.events_unproven;
    } else if (is_all_read(flow.halves[0]) && is_all_read(flow.halves[1])) {
      context.sink.on_close(close_event(flow));
    } else {
      ++status_.ends_unknown;
    }
  } else if (streams_.is_proven(flow) && is_silent_refusal(flow)) {
    context.sink.on_close(refusal_event(flow));
  }
  streams_.unfollow(flow);
  flows_.move_to_transient(flow, context.now);
}

void ConnectionEnds::expire(EventContext& context, bool all) {
  while (count_ != 0 && (all || ticks_between(pending_[first_].since, context.now) >= kGrace)) {
    end_oldest(context);
  }
}

void ConnectionEnds::end_oldest(EventContext& context) {
  const PendingEnd& pending = pending_[first_];
  first_ = (first_ + 1) % kMaxPending;
  --count_;
  Flow* flow = flows_.find(pending.key);
  if (flow == nullptr || flow->index != pending.flow) return;
  const EventContext before = context;
  context.client = &pending.client;
  context.broker = &pending.broker;
  end(*flow, context);
  context.client = before.client;
  context.broker = before.broker;
}

}  // namespace mre
