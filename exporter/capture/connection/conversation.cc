// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/connection/conversation.h"

#include <algorithm>

#include "exporter/mqtt/first_bytes.h"

namespace mre {
namespace {

using mqtt::Answer;
using mqtt::Side;
using mqtt::Told;

constexpr std::uint32_t kAll = UINT32_MAX;
constexpr std::uint16_t kMqttPort = 1883;  // IANA

/// A TLS record of any kind: RFC 8446 section 5.1.
bool is_tls_record(std::string_view bytes) {
  return bytes.size() >= 3 && bytes[0] >= 0x14 && bytes[0] <= 0x17 && bytes[1] == 3 && bytes[2] <= 4 &&
         bytes[2] >= 0;
}

}  // namespace

Conversation::Conversation(bool any_port, bool live, SourceStatus& status)
    : any_port_(any_port), live_(live), status_(status) {
  if (any_port_) ports_.set(kMqttPort);
}

void Conversation::read(Flow& flow, Side side, std::string_view bytes, Scene& scene) {
  if (side == Side::client) flow.client_heard = scene.now;
  HalfFlow& half = flow.half(side);
  if (half.reading == Reading::fresh) classify(flow, side, bytes, scene);
  if (half.reading == Reading::lost && flow.readable()) look_for_packets(flow, side, bytes, scene);
  if (flow.kind == FlowKind::tls) read_tls(flow, side, bytes, scene);
  if (half.reading == Reading::packets) {
    if (flow.kind == FlowKind::websocket) read_websocket(flow, side, bytes, scene);
    if (flow.kind == FlowKind::mqtt) read_packets(flow, side, bytes, scene);
  }
  if (!withheld_.empty() && is_believed(flow)) withheld_.release(flow, scene.sink);
}

std::uint32_t Conversation::skippable(const Flow& flow, Side side) const {
  const HalfFlow& half = flow.half(side);
  if (!flow.readable() || half.reading == Reading::given_up) return kAll;
  if (half.reading != Reading::packets) return 0;
  if (flow.kind != FlowKind::websocket) return half.reader.skippable();
  const mqtt::WebSocketReader& outer = websocket(flow, side);
  return outer.within_message() ? std::min(outer.skippable(), half.reader.skippable()) : outer.skippable();
}

void Conversation::skip(Flow& flow, Side side, std::uint32_t bytes) {
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

void Conversation::lose(Flow& flow, Side side) {
  HalfFlow& half = flow.half(side);
  if (half.reading == Reading::given_up) return;
  beginnings_.take(flow, side);
  half.reading = Reading::lost;
  half.lost_segments = std::max<std::uint8_t>(half.lost_segments, 1);
}

/// It never had a place, or not the one that it seemed to have.
void Conversation::unplace(Flow& flow, Side side) {
  HalfFlow& half = flow.half(side);
  half.reading = Reading::lost;
  half.placed = false;
  half.lost_segments = std::max<std::uint8_t>(half.lost_segments, 1);
}

bool Conversation::knows_port(const Scene& scene) const { return !any_port_ || ports_[scene.broker->port]; }

void Conversation::classify(Flow& flow, Side side, std::string_view bytes, const Scene& scene) {
  flow.half(side).reading = Reading::packets;
  flow.half(side).placed = true;
  if (side == Side::client) {
    classify_client(flow, bytes, scene);
  } else {
    classify_broker(flow, bytes, scene);
  }
}

/// On a port that is not known only a CONNECT or a WebSocket handshake says that it is a broker's. On one
/// that is, also packets that a client must not begin with, as brokers answer those; and whatever else it
/// begins with, the broker's answer says what it is.
void Conversation::classify_client(Flow& flow, std::string_view bytes, const Scene& scene) {
  constexpr char kConnect = 0x10;
  const bool known_port = knows_port(scene);
  if (flow.kind != FlowKind::undecided) return;
  if (mqtt::begins_websocket(bytes) != Answer::no) return set_kind(flow, FlowKind::websocket);
  const bool begins = mqtt::begins_connect(bytes) != Answer::no || (known_port && bytes[0] == kConnect);
  if (begins) return set_kind(flow, FlowKind::mqtt);
  flow.tls_offered = mqtt::begins_tls(bytes) != Answer::no;
  if (flow.tls_offered) tls_ports_.set(scene.broker->port);
  if (!known_port) return set_kind(flow, flow.tls_offered ? FlowKind::tls : FlowKind::other);
  if (mqtt::looks_like_packets(bytes, Side::client, flow.version)) return set_kind(flow, FlowKind::mqtt);
  flow.half(Side::client).reading = Reading::given_up;
}

/// After a CONNECT any packet of the broker will do, also one that the standard does not allow.
void Conversation::classify_broker(Flow& flow, std::string_view bytes, const Scene& scene) {
  if (bytes.starts_with("HTTP/1.")) {
    const bool may_be = knows_port(scene) || bytes.starts_with("HTTP/1.1 10");
    return may_be ? accept(flow, FlowKind::websocket) : set_kind(flow, FlowKind::other);
  }
  if (is_tls_record(bytes)) {
    tls_ports_.set(scene.broker->port);
    return set_kind(flow, FlowKind::tls);
  }
  if (flow.kind == FlowKind::mqtt && flow.proven) return;
  const Answer packets = mqtt::begins_packets(bytes, Side::broker, mqtt::Version::unknown);
  const bool expected = flow.kind == FlowKind::mqtt;
  if (packets == Answer::yes || (packets == Answer::more && expected)) return accept(flow, FlowKind::mqtt);
  if (packets == Answer::more || expected) return unplace(flow, Side::broker);
  if (flow.kind != FlowKind::websocket) set_kind(flow, FlowKind::other);
}

/// The broker has said what it speaks. That holds, whatever the client began with: the broker did not hear
/// that, or not so.
void Conversation::accept(Flow& flow, FlowKind kind) {
  flow.tls_offered = false;
  if (flow.kind == kind) return;
  if (flow.half(Side::client).reading != Reading::fresh) unplace(flow, Side::client);
  flow.proven = false;
  set_kind(flow, kind);
  if (kind == FlowKind::websocket) websocket(flow, Side::client) = mqtt::WebSocketReader::behind_head();
}

void Conversation::restart(Flow& flow) {
  HalfFlow& client = flow.half(Side::client);
  beginnings_.forget(flow);
  client.reader = {};
  client.placed = false;
  client.lost_kib = client.lost_segments = 0;
  flow.version = mqtt::Version::unknown;
  flow.keep_alive = 0;
  flow.mqtt_seen = flow.reason_told = flow.tls_offered = false;
  if (flow.readable()) flow.kind = FlowKind::undecided;
}

bool Conversation::is_believed(const Flow& flow) const {
  const HalfFlow& client = flow.half(Side::client);
  const HalfFlow& broker = flow.half(Side::broker);
  if (flow.joined) return client.placed && broker.placed;
  return (client.heard && broker.heard) || (flow.handshake && !live_);
}

void Conversation::look_for_packets(Flow& flow, Side side, std::string_view bytes, Scene& scene) {
  if (flow.kind == FlowKind::undecided) {
    if (is_tls_record(bytes)) {
      tls_ports_.set(scene.broker->port);
      return set_kind(flow, FlowKind::tls);
    }
    if (!knows_port(scene)) return set_kind(flow, FlowKind::other);
  }
  std::string before = beginnings_.take(flow, side);
  if (finds_packets(flow, side, bytes)) return find_place(flow, side, scene);
  if (flow.kind == FlowKind::websocket) return count_lost(flow, side, bytes.size());
  if (!before.empty() && finds_packets(flow, side, joined(before, bytes))) {
    find_place(flow, side, scene);
    return read_packets(flow, side, before, scene);
  }
  if (before.size() + bytes.size() > Beginnings::kMaxBytes) before.clear();
  if (bytes.size() <= Beginnings::kMaxBytes) {
    for (const std::string_view begin : {std::string_view(joined(before, bytes)), bytes}) {
      if (mqtt::begins_packets(begin, side, flow.version) != Answer::more) continue;
      beginnings_.keep(flow, side, begin);
      break;
    }
  }
  count_lost(flow, side, bytes.size());
}

/// As far as there is room.
std::string_view Conversation::joined(std::string_view before, std::string_view bytes) {
  const std::size_t rest = std::min(bytes.size(), joined_.size() - before.size());
  std::ranges::copy(before, joined_.begin());
  std::ranges::copy(bytes.substr(0, rest), joined_.begin() + static_cast<std::ptrdiff_t>(before.size()));
  return {joined_.data(), before.size() + rest};
}

void Conversation::find_place(Flow& flow, Side side, Scene& scene) {
  HalfFlow& half = flow.half(side);
  half.reader = mqtt::PacketReader::at_found_position(side);
  half.reading = Reading::packets;
  half.lost_kib = half.lost_segments = 0;
  if (half.placed || !flow.joined) ++status_.resynchronisations;
  half.placed = true;
  flow.mqtt_seen = true;
  if (!flow.proven && is_believed(flow)) prove(flow, scene);
}

bool Conversation::finds_packets(Flow& flow, Side side, std::string_view bytes) {
  if (flow.kind != FlowKind::websocket && mqtt::looks_like_packets(bytes, side, flow.version)) {
    set_kind(flow, FlowKind::mqtt);
    return true;
  }
  if (flow.kind == FlowKind::mqtt || !begins_frame(bytes, side, flow.version)) return false;
  if (flow.kind == FlowKind::undecided) {
    set_kind(flow, FlowKind::websocket);
    websocket(flow, other_side(side)) = mqtt::WebSocketReader::behind_head();
  }
  websocket(flow, side) = mqtt::WebSocketReader::behind_head();
  return true;
}

/// Whether a binary WebSocket frame that begins with packets begins here.
bool Conversation::begins_frame(std::string_view bytes, Side side, mqtt::Version version) {
  constexpr char kFinalBinary = '\x82';
  constexpr unsigned kMasked = 0x80;
  if (bytes.size() < 2 || bytes[0] != kFinalBinary) return false;
  const bool is_masked = (static_cast<std::uint8_t>(bytes[1]) & kMasked) != 0;
  if (is_masked != (side == Side::client)) return false;  // RFC 6455 section 5.1
  mqtt::WebSocketReader reader = mqtt::WebSocketReader::behind_head();
  const auto packets = reader.next(bytes, scratch_);
  return packets && mqtt::looks_like_packets(*packets, side, version);
}

void Conversation::count_lost(Flow& flow, Side side, std::size_t bytes) {
  HalfFlow& half = flow.half(side);
  half.lost_kib =
      static_cast<std::uint16_t>(std::min<std::size_t>(kMaxLostKib, half.lost_kib + (bytes + 1023) / 1024));
  half.lost_segments = static_cast<std::uint8_t>(std::min(kMaxLostSegments, half.lost_segments + 1));
  if (half.placed || (half.lost_segments < kMaxLostSegments && half.lost_kib < kMaxLostKib)) return;
  give_up(half);
  const bool both =
      flow.halves[0].reading == Reading::given_up && flow.halves[1].reading == Reading::given_up;
  if (both && !flow.proven) set_kind(flow, FlowKind::other);
}

void Conversation::read_websocket(Flow& flow, Side side, std::string_view bytes, Scene& scene) {
  using State = mqtt::WebSocketReader::State;
  HalfFlow& half = flow.half(side);
  while (!bytes.empty() && flow.kind == FlowKind::websocket && half.reading == Reading::packets) {
    const std::size_t unneeded = std::min<std::size_t>(bytes.size(), skippable(flow, side));
    skip(flow, side, static_cast<std::uint32_t>(unneeded));  // spares unmasking it
    bytes.remove_prefix(unneeded);
    if (bytes.empty()) break;
    const auto packets = websocket(flow, side).next(bytes, scratch_);
    if (packets && side == Side::client && !may_frame(flow)) return unplace(flow, side);
    if (packets) read_packets(flow, side, *packets, scene);
  }
  if (flow.kind != FlowKind::websocket || half.reading != Reading::packets) return;
  if (websocket(flow, side).state() != State::unreadable) return;
  if (flow.proven) return give_up(half);
  unplace(flow, side);  // the body of a request, perhaps
}

/// Before the broker has agreed to WebSocket, what looks like a frame is the body of a request.
bool Conversation::may_frame(const Flow& flow) const {
  return flow.proven || !flow.half(Side::broker).heard ||
         websocket(flow, Side::broker).state() != mqtt::WebSocketReader::State::head;
}

void Conversation::read_packets(Flow& flow, Side side, std::string_view bytes, Scene& scene) {
  HalfFlow& half = flow.half(side);
  while (flow.readable() && half.reading == Reading::packets) {
    mqtt::Version version = flow.version;
    const auto told = half.reader.next(bytes, version);
    // A version that is known is corrected by what the broker answers, not by what a client says later.
    if (side == Side::broker || flow.version == mqtt::Version::unknown) flow.version = version;
    if (!told) return;
    tell(flow, side, *told, scene);
  }
}

void Conversation::tell(Flow& flow, Side side, const Told& told, Scene& scene) {
  const bool shows_mqtt = told.kind == Told::Kind::connect ||
                          (told.kind == Told::Kind::code && told.packet == mqtt::Packet::connack);
  if (!flow.proven && !flow.joined) {
    if (!knows_port(scene) && !shows_mqtt) return set_kind(flow, FlowKind::other);
    prove(flow, scene);
  }
  const bool is_first = !flow.mqtt_seen;
  if (shows_mqtt) flow.mqtt_seen = true;
  switch (told.kind) {
    case Told::Kind::connect:
      if (is_first) flow.keep_alive = told.keep_alive;
      break;
    case Told::Kind::code:
      tell_code(flow, side, told, scene);
      break;
    case Told::Kind::no_code:
      tell_good_bye(flow, side, told, scene);
      break;
    case Told::Kind::ambiguous:
      ++status_.packets_ambiguous;
      break;
    case Told::Kind::malformed:
      ++status_.packets_malformed;
      return;
    case Told::Kind::misplaced:
      return lose(flow, side);
    case Told::Kind::broken:
      give_up(flow.half(side));
      return;
  }
  if (told.kind != Told::Kind::connect && told.packet == mqtt::Packet::disconnect) flow.reason_told = true;
}

void Conversation::tell_code(Flow& flow, Side side, const Told& told, Scene& scene) {
  if (told.packet == mqtt::Packet::connack && told.code != 0) flow.reason_told = true;
  const ReasonEvent event{
      .packet = told.packet,
      .direction = side == Side::broker ? mqtt::Direction::sent : mqtt::Direction::received,
      .protocol = mqtt::protocol_of(flow.version),
      .code = told.code,
      .evidence = Evidence::code_in_record};
  if (is_believed(flow)) return scene.sink.on_code(event);
  withhold(flow, event);
}

/// The DISCONNECT of a client of MQTT 3 is an end in good order that no code tells.
void Conversation::tell_good_bye(Flow& flow, Side side, const Told& told, Scene& scene) {
  static const mqtt::CloseReason good_bye = mqtt::close_reason_from("normal_disconnection").value();
  if (told.packet != mqtt::Packet::disconnect || side != Side::client || flow.reason_told) return;
  const CloseEvent event{
      .protocol = mqtt::protocol_of(flow.version), .reason = good_bye, .initiator = mqtt::Initiator::client};
  if (is_believed(flow)) return scene.sink.on_close(event);
  withhold(flow, event);
}

void Conversation::withhold(const Flow& flow, const auto& event) {
  if (withheld_.add(flow, event)) ++status_.events_unproven;
}

void Conversation::read_tls(Flow& flow, Side side, std::string_view bytes, const Scene& scene) {
  static const mqtt::CloseReason tls_error = mqtt::close_reason_from("tls_error").value();
  if (flow.reason_told || !is_believed(flow) || !mqtt::holds_tls_alert(bytes)) return;
  flow.reason_told = true;
  scene.sink.on_close(
      {.protocol = mqtt::Protocol::unknown,
       .reason = tls_error,
       .initiator = side == Side::broker ? mqtt::Initiator::broker : mqtt::Initiator::client});
}

/// The first packet of a connection was read.
void Conversation::prove(Flow& flow, Scene& scene) {
  flow.proven = true;
  ++(flow.kind == FlowKind::mqtt ? status_.connections_mqtt : status_.connections_websocket);
  if (flow.joined) ++status_.connections_joined;
  status_.unreadable = false;
  ports_.set(scene.broker->port);
}

void Conversation::give_up(HalfFlow& half) {
  half.reading = Reading::given_up;
  ++status_.directions_given_up;
}

void Conversation::follow(Flow& flow) {
  if (flow.followed || !flow.readable()) return;
  flow.followed = true;
  ++status_.connections;
}

void Conversation::set_kind(Flow& flow, FlowKind kind) {
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

void Conversation::unfollow(Flow& flow) {
  if (!flow.followed) return;
  flow.followed = false;
  --status_.connections;
  if (!flow.readable() || flow.proven) return;
  if (flow.tls_offered) {  // and not answered
    flow.kind = FlowKind::tls;
    return count_tls();
  }
  flow.kind = FlowKind::other;  // whatever it was to become
  ++status_.connections_other;
}

void Conversation::count_tls() {
  ++status_.connections_tls;
  status_.unreadable = status_.connections_mqtt + status_.connections_websocket == 0;
}

void Conversation::forget(Flow& flow) {
  unfollow(flow);
  beginnings_.forget(flow);
  if (!withheld_.empty()) status_.events_unproven += withheld_.forget(flow);
  if (flow.websocket == kNone) return;
  free_websockets_.push_back(flow.websocket);
  flow.websocket = kNone;
}

}  // namespace mre
