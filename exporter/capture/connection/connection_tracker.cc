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

/// How long a connection stays in the table before its first payload and after its end.
constexpr std::int32_t kTransientTicks = 60 * kTicksPerSecond;
/// How often expired waits are handled.
constexpr std::int32_t kExpiryTicks = kTicksPerSecond / 4;
/// A smaller step back is not a change of the clock: frames of several processors arrive slightly out of
/// order.
constexpr std::int64_t kClockSetUs = 2'000'000;
/// No Ethernet frame has a longer payload: a network card has merged segments, or has not split it yet.
constexpr std::uint32_t kMaxPayloadOfAFrame = 1460;

/// The side that sent a segment.
Side sender(const Flow& flow, const Segment& segment) {
  return comes_first(segment.from, segment.to) == flow.client_first ? Side::client : Side::broker;
}

std::int32_t idle_ticks(std::chrono::seconds timeout) {
  constexpr std::int64_t kMax = INT32_MAX / kTicksPerSecond;
  return static_cast<std::int32_t>(std::min<std::int64_t>(timeout.count(), kMax)) * kTicksPerSecond;
}

}  // namespace

ConnectionTracker::ConnectionTracker(const CaptureOptions& options, SourceStatus& status,
                                     LocalAddresses* local)
    : any_port_(options.ports.empty()),
      local_(local),
      idle_ticks_(idle_ticks(options.idle_timeout)),
      max_transient_(std::max<std::size_t>(options.max_connections / 16, 64)),
      status_(status),
      flows_(options.max_connections),
      streams_(any_port_, local != nullptr, status),
      ends_(flows_, streams_, status),
      reassembler_(flows_, streams_, ends_, status) {
  for (const std::uint16_t port : options.ports) ports_.set(port);
  for (const std::string& address : options.addresses) {
    if (const auto parsed = parse_ip_address(address)) addresses_.push_back(*parsed);
  }
  any_address_ = std::ranges::any_of(addresses_, is_unspecified) || (addresses_.empty() && local_ == nullptr);
}

void ConnectionTracker::process(const Frame& frame, EventSink& sink) {
  ++status_.frames;
  advance_time(frame.time_us, sink);
  Segment segment;
  const FrameContent content = read_frame(frame, segment);
  if (content == FrameContent::unreadable) ++status_.frames_unreadable;
  if (content != FrameContent::segment) return;
  if (!any_port_ && !is_broker(segment.from) && !is_broker(segment.to)) return note_unfollowed(segment);
  const bool is_to_broker = segment.has(kSyn) || is_broker(segment.to);
  if (is_to_broker && segment.direction != FrameDirection::sent) segment.checksum = checksum_of(segment);
  if (is_dropped_by_receiver(segment)) {
    ++status_.frames_unreadable;
    return;
  }
  EventContext context{.sink = sink, .now = ticks_of(now_us_)};
  context_ = &context;
  process(segment, context);
  context_ = nullptr;
}

void ConnectionTracker::advance_time(std::int64_t time_us, EventSink& sink) {
  if (time_us > now_us_ || time_us < now_us_ - kClockSetUs) now_us_ = time_us;
  const Ticks now = ticks_of(now_us_);
  if (now - expired_at_ < static_cast<Ticks>(kExpiryTicks)) return;
  expired_at_ = now;
  EventContext context{.sink = sink, .now = now};
  context_ = &context;
  reassembler_.expire(context, false);
  ends_.expire(context, false);
  expire(context);
  context_ = nullptr;
}

void ConnectionTracker::finish(EventSink& sink) {
  EventContext context{.sink = sink, .now = ticks_of(now_us_)};
  context_ = &context;
  reassembler_.expire(context, true);
  ends_.expire(context, true);
  context_ = nullptr;
}

std::vector<std::uint16_t> ConnectionTracker::tls_ports() const {
  std::vector<std::uint16_t> ports;
  const auto& seen = streams_.tls_ports();
  for (std::size_t port = 0; port < seen.size(); ++port)
    if (seen[port]) ports.push_back(static_cast<std::uint16_t>(port));
  return ports;
}

std::string ConnectionTracker::peers() const {
  const std::string from = client();
  return from.empty() ? from : from + " > " + to_string(*context_->broker);
}

std::string ConnectionTracker::client() const {
  return context_ == nullptr || context_->client == nullptr ? "" : to_string(*context_->client);
}

bool ConnectionTracker::is_broker(const Endpoint& endpoint) const {
  if (!(any_port_ ? streams_.ports() : ports_)[endpoint.port]) return false;
  if (any_address_) return true;
  if (addresses_.empty()) return local_->contains(endpoint.address) || !local_->known();
  return std::ranges::find(addresses_, endpoint.address) != addresses_.end();
}

/// Notes a connection through this machine to a broker whose address is not configured.
void ConnectionTracker::note_unfollowed(const Segment& segment) {
  const bool opens = segment.has(kSyn) && !segment.has(kAck);
  if (!opens || local_ == nullptr || unfollowed_ || !addresses_.empty() || !ports_[segment.to.port]) return;
  if (!local_->contains(segment.from.address)) unfollowed_ = segment.to;
}

/// Whether every receiver drops the segment: it has no acknowledgement, an invalid checksum, or claims to
/// come from the machine that receives it.
bool ConnectionTracker::is_dropped_by_receiver(const Segment& segment) const {
  if ((segment.flags & (kSyn | kRst | kAck)) == 0) return true;
  if (segment.direction != FrameDirection::received) return false;
  return segment.checksum == Checksum::invalid ||
         (local_ != nullptr && local_->contains(segment.from.address));
}

/// Whether the broker's machine drops the segment: its checksum is invalid although the client's SYN had a
/// valid one, so that no card computes checksums after the capture. Segments up to the size of a frame are
/// neither merged nor split.
bool ConnectionTracker::is_forged(Flow& flow, const Segment& segment) {
  if (sender(flow, segment) != Side::client) return false;
  if (segment.has(kSyn) && segment.checksum == Checksum::valid) flow.client_checked = true;
  if (!flow.client_checked || segment.length > kMaxPayloadOfAFrame) return false;
  return segment.checksum == Checksum::invalid ||
         (segment.checksum == Checksum::partial && segment.direction == FrameDirection::received);
}

void ConnectionTracker::process(Segment& segment, EventContext& context) {
  if (segment.has(kSyn)) {  // takes one sequence number; servers hardly ever accept data in it
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
  if (flow != nullptr && is_new_connection(*flow, segment)) {
    forget(*flow, context);
    flow = nullptr;
  }
  if (flow == nullptr) flow = open(segment, key, context);
  if (flow != nullptr) process(*flow, segment, context);
}

void ConnectionTracker::process(Flow& flow, const Segment& segment, EventContext& context) {
  if (segment.length != 0 && flow.transient && !flow.closing) {
    flows_.move_to_open(flow, context.now);
    streams_.follow(flow);
  } else {
    flows_.touch(flow, context.now);
  }
  const Side side = sender(flow, segment);
  context.set_peers(segment, side);
  if (!flow.readable()) {
    if (flow.kind == FlowKind::tls) streams_.read_tls(flow, side, segment.payload, context);
    return close_unread(flow, segment, context.now);
  }
  if (segment.has(kSyn)) flow.handshake = true;
  reassembler_.add(flow, side, segment, context);
}

/// The sequence numbers of an unreadable connection are not followed, so the first FIN or RST counts as its
/// end.
void ConnectionTracker::close_unread(Flow& flow, const Segment& segment, Ticks now) {
  if (flow.closing || !(segment.has(kFin) || segment.has(kRst))) return;
  flow.closing = flow.ended = true;
  flows_.move_to_transient(flow, now);
}

/// The sender of a SYN is the client and the sender of a SYN-ACK is the broker, even if the broker's port is
/// on the other side; then the connection is marked as foreign. A connection that was open already is
/// recognised by the broker's port, or by a segment that is a whole CONNECT.
Flow* ConnectionTracker::open(const Segment& segment, const FlowKey& key, EventContext& context) {
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
  context.set_peers(segment, side);
  const bool foreign = !any_port_ && !is_broker(*context.broker);

  Flow& flow = insert(key, context);
  flow.client_first = comes_first(*context.client, *context.broker);
  flow.joined = joined;
  flow.client_checked = side == Side::client && segment.has(kSyn) && segment.checksum == Checksum::valid;
  if (foreign) {
    flow.kind = FlowKind::foreign;
  } else if (mirrors_.is_mirror(*context.client, *context.broker, segment.seq, side, context.now)) {
    streams_.set_kind(flow, FlowKind::mirrored);
  }
  return &flow;
}

Flow& ConnectionTracker::insert(const FlowKey& key, EventContext& context) {
  const EventContext before = context;
  make_room(context);
  context.client = before.client;
  context.broker = before.broker;
  return flows_.insert(key, context.now);
}

/// Whether the segment belongs to a new connection between the same endpoints: a SYN with other numbers, or,
/// if the capture missed the SYN, a CONNECT far away from the client's position.
bool ConnectionTracker::is_new_connection(const Flow& flow, const Segment& segment) {
  const HalfFlow& client = flow.half(Side::client);
  const HalfFlow& broker = flow.half(Side::broker);
  if (!segment.has(kSyn)) {
    if (segment.length == 0 || sender(flow, segment) != Side::client || !client.started) return false;
    if (std::abs(std::int64_t{distance(client.next, segment.seq)}) <= TcpReassembler::kPlausibleGap)
      return false;
    return mqtt::begins_connect(segment.payload) == mqtt::Answer::yes;
  }
  if (sender(flow, segment) != (segment.has(kAck) ? Side::broker : Side::client)) return true;
  if (flow.joined) return true;
  if (!segment.has(kAck)) return client.started && client.start != segment.seq;
  return broker.started && broker.start != segment.seq && client.start != segment.ack;
}

void ConnectionTracker::make_room(EventContext& context) {
  while (Flow* flow = flows_.oldest_transient()) {
    if (!flows_.full() && flows_.transient() < max_transient_) return;
    forget(*flow, context);
  }
  while (flows_.full()) {
    Flow& flow = *flows_.oldest_open();
    if (flow.followed) ++status_.connections_evicted;
    forget(flow, context);
  }
}

void ConnectionTracker::expire(EventContext& context) {
  while (Flow* flow = flows_.oldest_transient()) {
    if (ticks_between(flow->seen, context.now) < kTransientTicks) break;
    forget(*flow, context);
  }
  while (Flow* flow = flows_.oldest_open()) {
    if (ticks_between(flow->seen, context.now) < idle_ticks_) break;
    if (flow->followed) ++status_.connections_expired;
    forget(*flow, context);
  }
}

/// Removes a connection. If it was closing, its end is handled first.
void ConnectionTracker::forget(Flow& flow, EventContext& context) {
  context.client = context.broker = nullptr;
  reassembler_.forget(flow);
  ends_.end(flow, context);
  streams_.forget(flow);
  flows_.remove(flow);
}

}  // namespace mre
