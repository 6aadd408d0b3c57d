// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/connection/endings.h"

#include <algorithm>

#include "exporter/mqtt/close_reason.h"

namespace mre {
namespace {

/// Silent for 1.5 times the keep-alive. A broker that counts whole seconds may find that a second early, and
/// rounds the half down; none may before the keep-alive itself. Clocks of frames are exact to a step.
bool keep_alive_passed(const Flow& flow, Ticks now) {
  if (flow.keep_alive == 0) return false;
  const std::int32_t seconds = std::max(flow.keep_alive * 3 / 2 - 1, std::int32_t{flow.keep_alive});
  const std::int32_t allowed = seconds * kTicksPerSecond;
  return ticks_between(flow.client_heard, now) + 1 >= allowed;
}

/// Whether all that one side has said was read, so that there was no DISCONNECT and no refusal in it.
bool is_all_read(const HalfFlow& half) {
  const bool unseen_ack = half.ack_seen && distance(half.next, half.acked) > 0;
  if (!half.heard || unseen_ack) return false;
  const bool nothing_said = half.reading == Reading::lost && half.lost_segments == 0;
  return half.reading == Reading::packets || half.reading == Reading::fresh || nothing_said ||
         half.reader.broken();
}

/// Bytes of one side that were read or skipped, without its FIN.
std::uint32_t said(const HalfFlow& half) { return half.next - half.start - (half.fin ? 1 : 0); }

/// Whether the broker has ended a connection without a word, on which the client had said nothing but perhaps
/// that it wants TLS. All that both have acknowledged was seen.
bool is_silent_refusal(const Flow& flow) {
  const HalfFlow& client = flow.half(mqtt::Side::client);
  const HalfFlow& broker = flow.half(mqtt::Side::broker);
  if (flow.kind != FlowKind::undecided || flow.first_end != mqtt::Side::broker || !flow.handshake)
    return false;
  if (said(broker) != 0 || !broker.ack_seen || distance(broker.next, broker.acked) > 0) return false;
  if (!client.ack_seen || distance(client.next, client.acked) > 0 || client.held != kNone) return false;
  const bool has_all = distance(client.start + said(client), client.acked) >= 0;
  return flow.tls_offered ? has_all : said(client) == 0;
}

CloseEvent close_event(const Flow& flow) {
  static const mqtt::CloseReason closed = mqtt::close_reason_from("connection_closed").value();
  static const mqtt::CloseReason timed_out = mqtt::close_reason_from("keep_alive_timeout").value();
  const bool by_broker = flow.first_end == mqtt::Side::broker;
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

void Endings::on_fin(Flow& flow, mqtt::Side side, const Segment& segment, Scene& scene) {
  if (flow.ended) return;
  if (!flow.ending) {
    flow.urgent_ahead = false;
    flow.urgent_or_fin = segment.ack;
    return begin_end(flow, side, scene);
  }
  const bool both = flow.halves[0].fin && flow.halves[1].fin;
  const std::uint32_t fin = segment.seq + segment.length;
  if (flow.first_end != side && both && distance(fin, flow.urgent_or_fin) > 0) {
    set_first(flow, side, scene.now);
  }
  if (both) end(flow, scene);
}

void Endings::on_reset(Flow& flow, mqtt::Side side, Scene& scene) {
  if (!flow.ended && !flow.ending) begin_end(flow, side, scene);
}

void Endings::begin_end(Flow& flow, mqtt::Side side, Scene& scene) {
  flow.ending = true;
  set_first(flow, side, scene.now);
  if (count_ == kMaxWaiting) end_oldest(scene);
  waiting_[(first_ + count_) % kMaxWaiting] = {.key = flow.key,
                                               .flow = flow.index,
                                               .since = scene.now,
                                               .client = *scene.client,
                                               .broker = *scene.broker};
  ++count_;
}

void Endings::set_first(Flow& flow, mqtt::Side side, Ticks now) {
  flow.first_end = side;
  flow.timed_out = keep_alive_passed(flow, now);
}

void Endings::end(Flow& flow, Scene& scene) {
  if (flow.ended || !flow.ending) return;
  flow.ended = true;
  if (flow.readable() && flow.mqtt_seen && !flow.reason_told) {
    if (!conversation_.is_believed(flow)) {
      ++status_.events_unproven;
    } else if (is_all_read(flow.halves[0]) && is_all_read(flow.halves[1])) {
      scene.sink.on_close(close_event(flow));
    } else {
      ++status_.ends_unknown;
    }
  } else if (conversation_.is_believed(flow) && is_silent_refusal(flow)) {
    scene.sink.on_close(refusal_event(flow));
  }
  conversation_.unfollow(flow);
  flows_.move_to_brief(flow, scene.now);
}

void Endings::settle(Scene& scene, bool all) {
  while (count_ != 0 && (all || ticks_between(waiting_[first_].since, scene.now) >= kGrace)) {
    end_oldest(scene);
  }
}

void Endings::end_oldest(Scene& scene) {
  const Waiting& waiting = waiting_[first_];
  first_ = (first_ + 1) % kMaxWaiting;
  --count_;
  Flow* flow = flows_.find(waiting.key);
  if (flow == nullptr || flow->index != waiting.flow) return;
  const Scene before = scene;
  scene.client = &waiting.client;
  scene.broker = &waiting.broker;
  end(*flow, scene);
  scene.client = before.client;
  scene.broker = before.broker;
}

}  // namespace mre
