// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/tcp/out_of_order_segments.h"

namespace mre {

OutOfOrderSegments::StoreResult OutOfOrderSegments::store(Flow& flow, mqtt::Side side, const Segment& segment,
                                                          Ticks now) {
  const std::size_t size = cost(segment.payload.size());
  std::size_t connection_bytes = size;
  std::size_t connection_segments = 1;
  std::uint32_t before = kNone;
  for (std::uint32_t i = flow.half(side).first_out_of_order; i != kNone; i = slots_[i].next) {
    const Segment& other = slots_[i].segment;
    const std::int32_t offset = distance(other.seq, segment.seq);
    if (offset == 0 && segment.payload.size() <= other.payload.size() && segment.length <= other.length &&
        (segment.flags & ~other.flags & (kFin | kRst)) == 0) {
      return StoreResult::stored;
    }
    if (offset >= 0) before = i;
    connection_bytes += cost(slots_[i].bytes.size());
    ++connection_segments;
  }
  if (connection_bytes > kMaxConnectionBytes || connection_segments > kMaxConnectionSegments) {
    return StoreResult::connection_full;
  }
  if (bytes_ + size > kMaxBytes) return StoreResult::table_full;

  insert(flow, side, before, segment, now);
  return StoreResult::stored;
}

/// `before`: the preceding segment of the direction; kNone: the new one is the first.
void OutOfOrderSegments::insert(Flow& flow, mqtt::Side side, std::uint32_t before, const Segment& segment,
                                Ticks now) {
  const std::uint32_t index = allocate_slot();
  Entry& entry = slots_[index];
  entry.segment = segment;
  entry.bytes.assign(segment.payload);
  entry.since = now;
  entry.flow = flow.index;
  entry.side = side;
  std::uint32_t& link = before == kNone ? flow.half(side).first_out_of_order : slots_[before].next;
  entry.next = link;
  link = index;
  entry.older = newest_;
  entry.newer = kNone;
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = index;
  newest_ = index;
  bytes_ += cost(segment.payload.size());
}

std::uint32_t OutOfOrderSegments::allocate_slot() {
  if (free_ == kNone) {
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t index = free_;
  free_ = slots_[index].next;
  return index;
}

OutOfOrderSegments::Entry& OutOfOrderSegments::pop_first(HalfFlow& half) {
  Entry& entry = slots_[half.first_out_of_order];
  half.first_out_of_order = entry.next;
  entry.segment.payload = entry.bytes;
  return entry;
}

void OutOfOrderSegments::free(Entry& entry) {
  const auto index = static_cast<std::uint32_t>(&entry - slots_.data());
  (entry.older == kNone ? oldest_ : slots_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? newest_ : slots_[entry.newer].older) = entry.older;
  bytes_ -= cost(entry.bytes.size());
  entry.bytes = {};
  entry.flow = kNone;
  entry.next = free_;
  free_ = index;
  if (!empty()) return;
  slots_.clear();  // the burst is over: free the memory
  free_ = kNone;
}

void OutOfOrderSegments::clear(HalfFlow& half) {
  while (half.first_out_of_order != kNone) free(pop_first(half));
}

}  // namespace mre
