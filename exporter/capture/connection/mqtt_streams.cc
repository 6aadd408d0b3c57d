// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/connection/mqtt_streams.h"

#include <algorithm>

#include "exporter/capture/frame/ip_address.h"
#include "exporter/mqtt/connect_names.h"
#include "exporter/mqtt/first_bytes.h"

namespace mre {
namespace {

using mqtt::Answer;
using mqtt::PacketEvent;
using mqtt::Side;

constexpr std::uint32_t kAll = UINT32_MAX;
constexpr std::uint16_t kMqttPort = 1883;  // IANA

/// A TLS record of any kind: RFC 8446 section 5.1.
bool is_tls_record(std::string_view bytes) {
  return bytes.size() >= 3 && bytes[0] >= 0x14 && bytes[0] <= 0x17 && bytes[1] == 3 && bytes[2] <= 4 &&
         bytes[2] >= 0;
}

}  // namespace

MqttStreams::MqttStreams(bool any_port, bool live, SourceStatus& status)
    : any_port_(any_port), live_(live), status_(status) {
  if (any_port_) ports_.set(kMqttPort);
}

void MqttStreams::read(Flow& flow, Side side, std::string_view bytes, EventContext& context) {
  if (side == Side::client) flow.client_active = context.now;
  HalfFlow& half = flow.half(side);
  if (half.reading == Reading::fresh) classify(flow, side, bytes, context);
  if (half.reading == Reading::searching && flow.readable()) search_packets(flow, side, bytes, context);
  if (flow.kind == FlowKind::tls) read_tls(flow, side, bytes, context);
  if (half.reading == Reading::packets) {
    if (flow.kind == FlowKind::websocket) read_websocket(flow, side, bytes, context);
    if (flow.kind == FlowKind::mqtt) read_packets(flow, side, bytes, context);
  }
  if (!unproven_.empty() && is_proven(flow)) unproven_.release(flow, context.sink);
}

std::uint32_t MqttStreams::skippable(const Flow& flow, Side side) const {
  const HalfFlow& half = flow.half(side);
  if (!flow.readable() || half.reading == Reading::given_up) return kAll;
  if (half.reading != Reading::packets) return 0;
  if (flow.kind != FlowKind::websocket) return half.reader.skippable();
  const mqtt::WebSocketReader& outer = websocket(flow, side);
  return outer.within_message() ? std::min(outer.skippable(), half.reader.skippable()) : outer.skippable();
}

void MqttStreams::skip(Flow& flow, Side side, std::uint32_t bytes) {
  HalfFlow& half = flow.half(side);
  if (!flow.readable() || half.reading != Reading::packets) return;
  bool inside = true;
  if (flow.kind == FlowKind::websocket) {
    mqtt::WebSocketReader& outer = websocket(flow, side);
    inside = outer.within_message();
    outer.skip(bytes);
  }
  if (inside) half.reader.skip(bytes);
}

void MqttStreams::on_gap(Flow& flow, Side side) {
  HalfFlow& half = flow.half(side);
  if (half.reading == Reading::given_up) return;
  partial_packets_.extract(flow, side);
  half.reading = Reading::searching;
  half.unsynced_segments = std::max<std::uint8_t>(half.unsynced_segments, 1);
}

/// The direction has never been in sync, or its position was wrong.
void MqttStreams::lose_sync(Flow& flow, Side side) {
  HalfFlow& half = flow.half(side);
  half.reading = Reading::searching;
  half.synced = false;
  half.unsynced_segments = std::max<std::uint8_t>(half.unsynced_segments, 1);
}

bool MqttStreams::is_known_port(const EventContext& context) const {
  return !any_port_ || ports_[context.broker->port];
}

void MqttStreams::classify(Flow& flow, Side side, std::string_view bytes, const EventContext& context) {
  flow.half(side).reading = Reading::packets;
  flow.half(side).synced = true;
  if (side == Side::client) {
    classify_client(flow, bytes, context);
  } else {
    classify_broker(flow, bytes, context);
  }
}

/// On an unknown port only a CONNECT or a WebSocket handshake shows that it is a broker's. On a broker's port
/// also packets that a client must not start with do, because brokers answer those; whatever else the client
/// starts with, the broker's answer decides.
void MqttStreams::classify_client(Flow& flow, std::string_view bytes, const EventContext& context) {
  constexpr char kConnect = 0x10;
  const bool known_port = is_known_port(context);
  if (flow.kind != FlowKind::undecided) return;
  if (mqtt::begins_websocket(bytes) != Answer::no) return set_kind(flow, FlowKind::websocket);
  const bool begins = mqtt::begins_connect(bytes) != Answer::no || (known_port && bytes[0] == kConnect);
  if (begins) return set_kind(flow, FlowKind::mqtt);
  flow.tls_offered = mqtt::begins_tls(bytes) != Answer::no;
  if (flow.tls_offered) tls_ports_.set(context.broker->port);
  if (!known_port) return set_kind(flow, flow.tls_offered ? FlowKind::tls : FlowKind::other);
  if (mqtt::looks_like_packets(bytes, Side::client, flow.version)) return set_kind(flow, FlowKind::mqtt);
  flow.half(Side::client).reading = Reading::given_up;
}

/// After a CONNECT any packet of the broker is accepted, also one that the standard does not allow.
void MqttStreams::classify_broker(Flow& flow, std::string_view bytes, const EventContext& context) {
  if (bytes.starts_with("HTTP/1.")) {
    const bool may_be = is_known_port(context) || bytes.starts_with("HTTP/1.1 10");
    return may_be ? accept(flow, FlowKind::websocket) : set_kind(flow, FlowKind::other);
  }
  if (is_tls_record(bytes)) {
    tls_ports_.set(context.broker->port);
    return set_kind(flow, FlowKind::tls);
  }
  if (flow.kind == FlowKind::mqtt && flow.identified) return;
  const Answer packets = mqtt::begins_packets(bytes, Side::broker, mqtt::Version::unknown);
  const bool expected = flow.kind == FlowKind::mqtt;
  if (packets == Answer::yes || (packets == Answer::more && expected)) return accept(flow, FlowKind::mqtt);
  if (packets == Answer::more || expected) return lose_sync(flow, Side::broker);
  if (flow.kind != FlowKind::websocket) set_kind(flow, FlowKind::other);
}

/// The broker has shown its protocol. It overrides what the client started with: the broker has not received
/// that, or has received other bytes.
void MqttStreams::accept(Flow& flow, FlowKind kind) {
  flow.tls_offered = false;
  if (flow.kind == kind) return;
  if (flow.half(Side::client).reading != Reading::fresh) lose_sync(flow, Side::client);
  flow.identified = false;
  set_kind(flow, kind);
  if (kind == FlowKind::websocket) websocket(flow, Side::client) = mqtt::WebSocketReader::after_handshake();
}

void MqttStreams::restart(Flow& flow) {
  HalfFlow& client = flow.half(Side::client);
  partial_packets_.forget(flow);
  client.reader = {};
  client.synced = false;
  client.unsynced_kib = client.unsynced_segments = 0;
  flow.version = mqtt::Version::unknown;
  flow.keep_alive = 0;
  flow.mqtt_seen = flow.reason_seen = flow.tls_offered = false;
  if (flow.readable()) flow.kind = FlowKind::undecided;
}

bool MqttStreams::is_proven(const Flow& flow) const {
  const HalfFlow& client = flow.half(Side::client);
  const HalfFlow& broker = flow.half(Side::broker);
  if (flow.joined) return client.synced && broker.synced;
  return (client.segment_seen && broker.segment_seen) || (flow.handshake && !live_);
}

void MqttStreams::search_packets(Flow& flow, Side side, std::string_view bytes, EventContext& context) {
  if (flow.kind == FlowKind::undecided) {
    if (is_tls_record(bytes)) {
      tls_ports_.set(context.broker->port);
      return set_kind(flow, FlowKind::tls);
    }
    if (!is_known_port(context)) return set_kind(flow, FlowKind::other);
  }
  std::string before = partial_packets_.extract(flow, side);
  if (recognise_packets(flow, side, bytes)) return sync(flow, side, context);
  if (flow.kind == FlowKind::websocket) return count_unsynced(flow, side, bytes.size());
  if (!before.empty() && recognise_packets(flow, side, concatenated(before, bytes))) {
    sync(flow, side, context);
    return read_packets(flow, side, before, context);
  }
  if (before.size() + bytes.size() > PartialPackets::kMaxBytes) before.clear();
  if (bytes.size() <= PartialPackets::kMaxBytes) {
    for (const std::string_view begin : {std::string_view(concatenated(before, bytes)), bytes}) {
      if (mqtt::begins_packets(begin, side, flow.version) != Answer::more) continue;
      partial_packets_.store(flow, side, begin);
      break;
    }
  }
  count_unsynced(flow, side, bytes.size());
}

/// Returns a view of both, cut to the size of the buffer.
std::string_view MqttStreams::concatenated(std::string_view before, std::string_view bytes) {
  const std::size_t rest = std::min(bytes.size(), concatenated_.size() - before.size());
  std::ranges::copy(before, concatenated_.begin());
  std::ranges::copy(bytes.substr(0, rest),
                    concatenated_.begin() + static_cast<std::ptrdiff_t>(before.size()));
  return {concatenated_.data(), before.size() + rest};
}

void MqttStreams::sync(Flow& flow, Side side, EventContext& context) {
  HalfFlow& half = flow.half(side);
  half.reader = mqtt::PacketReader::at_found_position(side);
  half.reading = Reading::packets;
  half.unsynced_kib = half.unsynced_segments = 0;
  if (half.synced || !flow.joined) ++status_.resynchronisations;
  half.synced = true;
  flow.mqtt_seen = true;
  if (!flow.identified && is_proven(flow)) identify(flow, context);
}

bool MqttStreams::recognise_packets(Flow& flow, Side side, std::string_view bytes) {
  if (flow.kind != FlowKind::websocket && mqtt::looks_like_packets(bytes, side, flow.version)) {
    set_kind(flow, FlowKind::mqtt);
    return true;
  }
  if (flow.kind == FlowKind::mqtt || !starts_websocket_frame(bytes, side, flow.version)) return false;
  if (flow.kind == FlowKind::undecided) {
    set_kind(flow, FlowKind::websocket);
    websocket(flow, other_side(side)) = mqtt::WebSocketReader::after_handshake();
  }
  websocket(flow, side) = mqtt::WebSocketReader::after_handshake();
  return true;
}

/// Whether `bytes` start with a binary WebSocket frame that starts with packets.
bool MqttStreams::starts_websocket_frame(std::string_view bytes, Side side, mqtt::Version version) {
  constexpr char kFinalBinary = '\x82';
  constexpr unsigned kMasked = 0x80;
  if (bytes.size() < 2 || bytes[0] != kFinalBinary) return false;
  const bool is_masked = (static_cast<std::uint8_t>(bytes[1]) & kMasked) != 0;
  if (is_masked != (side == Side::client)) return false;  // RFC 6455 section 5.1
  mqtt::WebSocketReader reader = mqtt::WebSocketReader::after_handshake();
  const auto packets = reader.next(bytes, scratch_);
  return packets && mqtt::looks_like_packets(*packets, side, version);
}

void MqttStreams::count_unsynced(Flow& flow, Side side, std::size_t bytes) {
  HalfFlow& half = flow.half(side);
  half.unsynced_kib = static_cast<std::uint16_t>(
      std::min<std::size_t>(kMaxUnsyncedKib, half.unsynced_kib + (bytes + 1023) / 1024));
  half.unsynced_segments =
      static_cast<std::uint8_t>(std::min(kMaxUnsyncedSegments, half.unsynced_segments + 1));
  if (half.synced || (half.unsynced_segments < kMaxUnsyncedSegments && half.unsynced_kib < kMaxUnsyncedKib))
    return;
  give_up(half);
  const bool both =
      flow.halves[0].reading == Reading::given_up && flow.halves[1].reading == Reading::given_up;
  if (both && !flow.identified) set_kind(flow, FlowKind::other);
}

void MqttStreams::read_websocket(Flow& flow, Side side, std::string_view bytes, EventContext& context) {
  using State = mqtt::WebSocketReader::State;
  HalfFlow& half = flow.half(side);
  while (!bytes.empty() && flow.kind == FlowKind::websocket && half.reading == Reading::packets) {
    const std::size_t unneeded = std::min<std::size_t>(bytes.size(), skippable(flow, side));
    skip(flow, side, static_cast<std::uint32_t>(unneeded));  // need not be unmasked
    bytes.remove_prefix(unneeded);
    if (bytes.empty()) break;
    const auto packets = websocket(flow, side).next(bytes, scratch_);
    if (packets && side == Side::client && !may_be_frame(flow)) return lose_sync(flow, side);
    if (packets) read_packets(flow, side, *packets, context);
  }
  if (flow.kind != FlowKind::websocket || half.reading != Reading::packets) return;
  if (websocket(flow, side).state() != State::unreadable) return;
  if (flow.identified) return give_up(half);
  lose_sync(flow, side);  // perhaps the body of a request
}

/// Before the broker has agreed to WebSocket, bytes that look like a frame are the body of a request.
bool MqttStreams::may_be_frame(const Flow& flow) const {
  return flow.identified || !flow.half(Side::broker).segment_seen ||
         websocket(flow, Side::broker).state() != mqtt::WebSocketReader::State::head;
}

void MqttStreams::read_packets(Flow& flow, Side side, std::string_view bytes, EventContext& context) {
  HalfFlow& half = flow.half(side);
  while (flow.readable() && half.reading == Reading::packets) {
    mqtt::Version version = flow.version;
    const std::string_view packet = half.reader.at_boundary() ? bytes : std::string_view{};
    const auto parsed = half.reader.next(bytes, version);
    // A known version is corrected by the broker's answers, not by what a client sends later.
    if (side == Side::broker || flow.version == mqtt::Version::unknown) flow.version = version;
    if (!parsed) return;
    handle(flow, side, *parsed, context);
    if (parsed->kind == PacketEvent::Kind::connect && side == Side::client) introduce(packet, context);
  }
}

/// Names the client to the sink, if it wants to know. `connect`: from the start of the packet; or empty.
void MqttStreams::introduce(std::string_view connect, const EventContext& context) {
  if (context.client == nullptr || !context.sink.wants_clients()) return;
  const auto names = mqtt::connect_names(connect);
  if (!names) return;
  const std::string peer = to_string(*context.client);
  context.sink.on_client({.client = names->client, .user = names->user, .peer = peer});
}

void MqttStreams::handle(Flow& flow, Side side, const PacketEvent& parsed, EventContext& context) {
  const bool shows_mqtt = parsed.kind == PacketEvent::Kind::connect ||
                          (parsed.kind == PacketEvent::Kind::code && parsed.packet == mqtt::Packet::connack);
  if (!flow.identified && !flow.joined) {
    if (!is_known_port(context) && !shows_mqtt) return set_kind(flow, FlowKind::other);
    identify(flow, context);
  }
  const bool is_first = !flow.mqtt_seen;
  if (shows_mqtt) flow.mqtt_seen = true;
  switch (parsed.kind) {
    case PacketEvent::Kind::connect:
      if (is_first) flow.keep_alive = parsed.keep_alive;
      break;
    case PacketEvent::Kind::code:
      emit_code(flow, side, parsed, context);
      break;
    case PacketEvent::Kind::no_code:
      emit_normal_disconnection(flow, side, parsed, context);
      break;
    case PacketEvent::Kind::ambiguous:
      ++status_.packets_ambiguous;
      break;
    case PacketEvent::Kind::malformed:
      ++status_.packets_malformed;
      return;
    case PacketEvent::Kind::misplaced:
      return on_gap(flow, side);
    case PacketEvent::Kind::broken:
      give_up(flow.half(side));
      return;
  }
  if (parsed.kind != PacketEvent::Kind::connect && parsed.packet == mqtt::Packet::disconnect)
    flow.reason_seen = true;
}

void MqttStreams::emit_code(Flow& flow, Side side, const PacketEvent& parsed, EventContext& context) {
  if (parsed.packet == mqtt::Packet::connack && parsed.code != 0) flow.reason_seen = true;
  const ReasonEvent event{
      .packet = parsed.packet,
      .direction = side == Side::broker ? mqtt::Direction::sent : mqtt::Direction::received,
      .protocol = mqtt::protocol_of(flow.version),
      .code = parsed.code,
      .evidence = Evidence::code_in_record};
  if (is_proven(flow)) return context.sink.on_code(event);
  defer(flow, event);
}

/// A DISCONNECT of an MQTT 3 client is a normal disconnection, for which the packet has no code.
void MqttStreams::emit_normal_disconnection(Flow& flow, Side side, const PacketEvent& parsed,
                                            EventContext& context) {
  static const mqtt::CloseReason normal_disconnection =
      mqtt::close_reason_from("normal_disconnection").value();
  if (parsed.packet != mqtt::Packet::disconnect || side != Side::client || flow.reason_seen) return;
  const CloseEvent event{.protocol = mqtt::protocol_of(flow.version),
                         .reason = normal_disconnection,
                         .initiator = mqtt::Initiator::client};
  if (is_proven(flow)) return context.sink.on_close(event);
  defer(flow, event);
}

void MqttStreams::defer(const Flow& flow, const auto& event) {
  if (unproven_.add(flow, event)) ++status_.events_unproven;
}

void MqttStreams::read_tls(Flow& flow, Side side, std::string_view bytes, const EventContext& context) {
  static const mqtt::CloseReason tls_error = mqtt::close_reason_from("tls_error").value();
  if (flow.reason_seen || !is_proven(flow) || !mqtt::holds_tls_alert(bytes)) return;
  flow.reason_seen = true;
  context.sink.on_close(
      {.protocol = mqtt::Protocol::unknown,
       .reason = tls_error,
       .initiator = side == Side::broker ? mqtt::Initiator::broker : mqtt::Initiator::client});
}

/// Called when the first packet of a connection was read.
void MqttStreams::identify(Flow& flow, EventContext& context) {
  flow.identified = true;
  ++(flow.kind == FlowKind::mqtt ? status_.connections_mqtt : status_.connections_websocket);
  if (flow.joined) ++status_.connections_joined;
  status_.unreadable = false;
  ports_.set(context.broker->port);
}

void MqttStreams::give_up(HalfFlow& half) {
  half.reading = Reading::given_up;
  ++status_.directions_given_up;
}

void MqttStreams::follow(Flow& flow) {
  if (flow.followed || !flow.readable()) return;
  flow.followed = true;
  ++status_.connections;
}

void MqttStreams::set_kind(Flow& flow, FlowKind kind) {
  if (flow.kind == kind) return;
  flow.kind = kind;
  if (kind == FlowKind::websocket && flow.websocket == kNone) {
    if (free_websockets_.empty()) {
      websockets_.emplace_back();
      free_websockets_.push_back(static_cast<std::uint32_t>(websockets_.size() - 1));
    }
    flow.websocket = free_websockets_.back();
    free_websockets_.pop_back();
  }
  if (kind == FlowKind::websocket) websockets_[flow.websocket] = {};
  if (kind == FlowKind::mirrored) ++status_.connections_mirrored;
  if (kind == FlowKind::other) ++status_.connections_other;
  if (kind == FlowKind::tls) count_tls();
  if (!flow.readable()) unfollow(flow);
}

void MqttStreams::unfollow(Flow& flow) {
  if (!flow.followed) return;
  flow.followed = false;
  --status_.connections;
  if (!flow.readable() || flow.identified) return;
  if (flow.tls_offered) {  // and the broker did not answer
    flow.kind = FlowKind::tls;
    return count_tls();
  }
  flow.kind = FlowKind::other;
  ++status_.connections_other;
}

void MqttStreams::count_tls() {
  ++status_.connections_tls;
  status_.unreadable = status_.connections_mqtt + status_.connections_websocket == 0;
}

void MqttStreams::forget(Flow& flow) {
  unfollow(flow);
  partial_packets_.forget(flow);
  if (!unproven_.empty()) status_.events_unproven += unproven_.forget(flow);
  if (flow.websocket == kNone) return;
  free_websockets_.push_back(flow.websocket);
  flow.websocket = kNone;
}

}  // namespace mre
