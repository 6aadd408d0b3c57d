// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/tcp/held_segments.h"

namespace mre {

HeldSegments::Kept HeldSegments::keep(Flow& flow, mqtt::Side side, const Segment& segment, Ticks now) {
  const std::size_t size = cost(segment.payload.size());
  std::size_t connection_bytes = size;
  std::size_t connection_segments = 1;
  std::uint32_t before = kNone;
  for (std::uint32_t i = flow.half(side).held; i != kNone; i = places_[i].next) {
    const Segment& other = places_[i].segment;
    const std::int32_t behind = distance(other.seq, segment.seq);
    if (behind == 0 && segment.payload.size() <= other.payload.size() && segment.length <= other.length &&
        (segment.flags & ~other.flags & (kFin | kRst)) == 0) {
      return Kept::yes;
    }
    if (behind >= 0) before = i;
    connection_bytes += cost(places_[i].bytes.size());
    ++connection_segments;
  }
  if (connection_bytes > kMaxConnectionBytes || connection_segments > kMaxConnectionSegments) {
    return Kept::connection_full;
  }
  if (bytes_ + size > kMaxBytes) return Kept::all_full;

  const std::uint32_t index = take_place();
  Held& held = places_[index];
  held.segment = segment;
  held.bytes.assign(segment.payload);
  held.since = now;
  held.flow = flow.index;
  held.side = side;
  std::uint32_t& link = before == kNone ? flow.half(side).held : places_[before].next;
  held.next = link;
  link = index;
  held.older = newest_;
  held.newer = kNone;
  (newest_ == kNone ? oldest_ : places_[newest_].newer) = index;
  newest_ = index;
  bytes_ += size;
  return Kept::yes;
}

std::uint32_t HeldSegments::take_place() {
  if (free_ == kNone) {
    places_.emplace_back();
    return static_cast<std::uint32_t>(places_.size() - 1);
  }
  const std::uint32_t index = free_;
  free_ = places_[index].next;
  return index;
}

HeldSegments::Held& HeldSegments::take_first(HalfFlow& half) {
  Held& held = places_[half.held];
  half.held = held.next;
  held.segment.payload = held.bytes;
  return held;
}

void HeldSegments::free(Held& held) {
  const auto index = static_cast<std::uint32_t>(&held - places_.data());
  (held.older == kNone ? oldest_ : places_[held.older].newer) = held.newer;
  (held.newer == kNone ? newest_ : places_[held.newer].older) = held.older;
  bytes_ -= cost(held.bytes.size());
  held.bytes = {};
  held.flow = kNone;
  held.next = free_;
  free_ = index;
  if (!empty()) return;
  places_.clear();  // a burst is over
  free_ = kNone;
}

void HeldSegments::drop(HalfFlow& half) {
  while (half.held != kNone) free(take_first(half));
}

}  // namespace mre
