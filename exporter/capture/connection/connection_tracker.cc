// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/connection/connection_tracker.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "exporter/capture/frame/checksum.h"
#include "exporter/capture/frame/frame_headers.h"
#include "exporter/capture/frame/ip_address.h"
#include "exporter/mqtt/first_bytes.h"

namespace mre {
namespace {

using mqtt::Side;

/// How long a connection stays that has not said anything yet, or has ended.
constexpr std::int32_t kBriefTicks = 60 * kTicksPerSecond;
/// How often it is looked whether something was waited for long enough.
constexpr std::int32_t kSettleTicks = kTicksPerSecond / 4;
/// A clock that goes back by less was not set: frames of several processors come a little out of order.
constexpr std::int64_t kClockSetUs = 2'000'000;
/// The payload of a longer segment is of no single frame of Ethernet: cards have merged or not yet cut it.
constexpr std::uint32_t kMaxPayloadOfAFrame = 1460;

/// Which side sends a segment of a connection.
Side sender(const Flow& flow, const Segment& segment) {
  return comes_first(segment.from, segment.to) == flow.client_first ? Side::client : Side::broker;
}

std::int32_t idle_ticks(std::chrono::seconds timeout) {
  constexpr std::int64_t kMost = INT32_MAX / kTicksPerSecond;
  return static_cast<std::int32_t>(std::min<std::int64_t>(timeout.count(), kMost)) * kTicksPerSecond;
}

}  // namespace

ConnectionTracker::ConnectionTracker(const CaptureOptions& options, SourceStatus& status, OwnAddresses* own)
    : any_port_(options.ports.empty()),
      own_(own),
      idle_ticks_(idle_ticks(options.idle_timeout)),
      max_brief_(std::max<std::size_t>(options.max_connections / 16, 64)),
      status_(status),
      flows_(options.max_connections),
      conversation_(any_port_, own != nullptr, status),
      endings_(flows_, conversation_, status),
      order_(flows_, conversation_, endings_, status) {
  for (const std::uint16_t port : options.ports) ports_.set(port);
  for (const std::string& address : options.addresses) {
    if (const auto parsed = parse_ip_address(address)) addresses_.push_back(*parsed);
  }
  any_address_ = std::ranges::any_of(addresses_, is_unspecified) || (addresses_.empty() && own_ == nullptr);
}

void ConnectionTracker::see(const Frame& frame, EventSink& sink) {
  ++status_.frames;
  pass_time(frame.time_us, sink);
  Segment segment;
  const FrameContent content = read_frame(frame, segment);
  if (content == FrameContent::unreadable) ++status_.frames_unreadable;
  if (content != FrameContent::segment) return;
  if (!any_port_ && !is_broker(segment.from) && !is_broker(segment.to)) return note_unfollowed(segment);
  const bool is_to_broker = segment.has(kSyn) || is_broker(segment.to);
  if (is_to_broker && segment.passage != Passage::sent) segment.checksum = checksum_of(segment);
  if (is_unheard(segment)) {
    ++status_.frames_unreadable;
    return;
  }
  Scene scene{.sink = sink, .now = ticks_of(now_us_)};
  scene_ = &scene;
  take(segment, scene);
  scene_ = nullptr;
}

void ConnectionTracker::pass_time(std::int64_t time_us, EventSink& sink) {
  if (time_us > now_us_ || time_us < now_us_ - kClockSetUs) now_us_ = time_us;
  const Ticks now = ticks_of(now_us_);
  if (now - settled_ < static_cast<Ticks>(kSettleTicks)) return;
  settled_ = now;
  Scene scene{.sink = sink, .now = now};
  scene_ = &scene;
  order_.settle(scene, false);
  endings_.settle(scene, false);
  expire(scene);
  scene_ = nullptr;
}

void ConnectionTracker::finish(EventSink& sink) {
  Scene scene{.sink = sink, .now = ticks_of(now_us_)};
  scene_ = &scene;
  order_.settle(scene, true);
  endings_.settle(scene, true);
  scene_ = nullptr;
}

std::vector<std::uint16_t> ConnectionTracker::tls_ports() const {
  std::vector<std::uint16_t> ports;
  const auto& seen = conversation_.tls_ports();
  for (std::size_t port = 0; port < seen.size(); ++port)
    if (seen[port]) ports.push_back(static_cast<std::uint16_t>(port));
  return ports;
}

std::string ConnectionTracker::peers() const {
  if (scene_ == nullptr || scene_->client == nullptr) return {};
  return to_string(*scene_->client) + " > " + to_string(*scene_->broker);
}

bool ConnectionTracker::is_broker(const Endpoint& endpoint) const {
  if (!(any_port_ ? conversation_.ports() : ports_)[endpoint.port]) return false;
  if (any_address_) return true;
  if (addresses_.empty()) return own_->contains(endpoint.address) || !own_->known();
  return std::ranges::find(addresses_, endpoint.address) != addresses_.end();
}

/// Somebody opens a connection through this machine to a broker that nobody has named.
void ConnectionTracker::note_unfollowed(const Segment& segment) {
  const bool opens = segment.has(kSyn) && !segment.has(kAck);
  if (!opens || own_ == nullptr || unfollowed_ || !addresses_.empty() || !ports_[segment.to.port]) return;
  if (!own_->contains(segment.from.address)) unfollowed_ = segment.to;
}

/// Whether the receiver drops it whatever came before: one without an acknowledgement, with a wrong checksum,
/// or that says to be from the machine that receives it.
bool ConnectionTracker::is_unheard(const Segment& segment) const {
  if ((segment.flags & (kSyn | kRst | kAck)) == 0) return true;
  if (segment.passage != Passage::received) return false;
  return segment.checksum == Checksum::wrong || (own_ != nullptr && own_->contains(segment.from.address));
}

/// Whether the broker's machine drops it, as its checksum is wrong where the client's SYN had a right one, so
/// that no card computes them later. Nobody cuts or merges what is not longer than a frame.
bool ConnectionTracker::is_forged(Flow& flow, const Segment& segment) {
  if (sender(flow, segment) != Side::client) return false;
  if (segment.has(kSyn) && segment.checksum == Checksum::right) flow.client_checked = true;
  if (!flow.client_checked || segment.length > kMaxPayloadOfAFrame) return false;
  return segment.checksum == Checksum::wrong ||
         (segment.checksum == Checksum::partial && segment.passage == Passage::received);
}

void ConnectionTracker::take(Segment& segment, Scene& scene) {
  if (segment.has(kSyn)) {  // it takes a number itself; hardly anybody takes data with it
    ++segment.seq;
    segment.length = 0;
    segment.payload = {};
  }
  const FlowKey key = hash_(segment.from, segment.to);
  Flow* flow = flows_.find(key);
  if (flow != nullptr && is_forged(*flow, segment)) {
    ++status_.frames_unreadable;
    return;
  }
  if (flow != nullptr && begins_anew(*flow, segment)) {
    drop(*flow, scene);
    flow = nullptr;
  }
  if (flow == nullptr) flow = open(segment, key, scene);
  if (flow != nullptr) take(*flow, segment, scene);
}

void ConnectionTracker::take(Flow& flow, const Segment& segment, Scene& scene) {
  if (segment.length != 0 && flow.brief && !flow.ending) {
    flows_.move_to_open(flow, scene.now);
    conversation_.follow(flow);
  } else {
    flows_.touch(flow, scene.now);
  }
  const Side side = sender(flow, segment);
  scene.set_peers(segment, side);
  if (!flow.readable()) {
    if (flow.kind == FlowKind::tls) conversation_.read_tls(flow, side, segment.payload, scene);
    return end_unread(flow, segment, scene.now);
  }
  if (segment.has(kSyn)) flow.handshake = true;
  order_.take(flow, side, segment, scene);
}

/// Of what is not read the numbers are not followed either: the first sign of its end is taken for the end.
void ConnectionTracker::end_unread(Flow& flow, const Segment& segment, Ticks now) {
  if (flow.ending || !(segment.has(kFin) || segment.has(kRst))) return;
  flow.ending = flow.ended = true;
  flows_.move_to_brief(flow, now);
}

/// Who sent a SYN, and who answers it, is sure; also if the broker's port is on the wrong side then, which is
/// remembered. A connection that is open already is known by its broker's
/// port, or by a CONNECT that is a whole segment.
Flow* ConnectionTracker::open(const Segment& segment, const FlowKey& key, Scene& scene) {
  Side side = is_broker(segment.to) ? Side::client : Side::broker;
  bool joined = false;
  if (segment.has(kSyn)) {
    side = segment.has(kAck) ? Side::broker : Side::client;
  } else if (segment.length == 0) {
    return nullptr;
  } else if (mqtt::begins_connect(segment.payload) == mqtt::Answer::yes) {
    side = Side::client;
  } else if (is_broker(segment.to) || is_broker(segment.from)) {
    joined = true;
  } else {
    return nullptr;
  }
  scene.set_peers(segment, side);
  const bool foreign = !any_port_ && !is_broker(*scene.broker);

  Flow& flow = insert(key, scene);
  flow.client_first = comes_first(*scene.client, *scene.broker);
  flow.joined = joined;
  flow.client_checked = side == Side::client && segment.has(kSyn) && segment.checksum == Checksum::right;
  if (foreign) {
    flow.kind = FlowKind::foreign;
  } else if (openings_.is_copy(*scene.client, *scene.broker, segment.seq, side, scene.now)) {
    conversation_.set_kind(flow, FlowKind::mirrored);
  }
  return &flow;
}

Flow& ConnectionTracker::insert(const FlowKey& key, Scene& scene) {
  const Scene before = scene;
  make_room(scene);
  scene.client = before.client;
  scene.broker = before.broker;
  return flows_.insert(key, scene.now);
}

/// Whether a segment does not belong to the connection that has these endpoints: a SYN with other numbers;
/// or, if the capture has missed that, a CONNECT far away from where the client was.
bool ConnectionTracker::begins_anew(const Flow& flow, const Segment& segment) {
  const HalfFlow& client = flow.half(Side::client);
  const HalfFlow& broker = flow.half(Side::broker);
  if (!segment.has(kSyn)) {
    if (segment.length == 0 || sender(flow, segment) != Side::client || !client.begun) return false;
    if (std::abs(std::int64_t{distance(client.next, segment.seq)}) <= ByteOrder::kPlausibleGap) return false;
    return mqtt::begins_connect(segment.payload) == mqtt::Answer::yes;
  }
  if (sender(flow, segment) != (segment.has(kAck) ? Side::broker : Side::client)) return true;
  if (flow.joined) return true;
  if (!segment.has(kAck)) return client.begun && client.start != segment.seq;
  return broker.begun && broker.start != segment.seq && client.start != segment.ack;
}

void ConnectionTracker::make_room(Scene& scene) {
  while (Flow* flow = flows_.oldest_brief()) {
    if (!flows_.full() && flows_.brief() < max_brief_) return;
    drop(*flow, scene);
  }
  while (flows_.full()) {
    Flow& flow = *flows_.oldest_open();
    if (flow.followed) ++status_.connections_evicted;
    drop(flow, scene);
  }
}

void ConnectionTracker::expire(Scene& scene) {
  while (Flow* flow = flows_.oldest_brief()) {
    if (ticks_between(flow->seen, scene.now) < kBriefTicks) break;
    drop(*flow, scene);
  }
  while (Flow* flow = flows_.oldest_open()) {
    if (ticks_between(flow->seen, scene.now) < idle_ticks_) break;
    if (flow->followed) ++status_.connections_expired;
    drop(*flow, scene);
  }
}

/// Forgets a connection. If it was at its end, that is told.
void ConnectionTracker::drop(Flow& flow, Scene& scene) {
  scene.client = scene.broker = nullptr;
  order_.forget(flow);
  endings_.end(flow, scene);
  conversation_.forget(flow);
  flows_.remove(flow);
}

}  // namespace mre
