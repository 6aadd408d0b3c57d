// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/tcp/flow_table.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace mre {

FlowTable::FlowTable(std::size_t max)
    : max_(std::clamp<std::size_t>(max, 1, kNone - kBlock)),
      buckets_(std::min(kFirstBuckets, std::bit_ceil(max_)), kNone) {}

Flow* FlowTable::find(const FlowKey& key) {
  for (std::uint32_t i = bucket(key); i != kNone; i = at(i).next_in_bucket) {
    if (at(i).key == key) return &at(i);
  }
  return nullptr;
}

Flow& FlowTable::insert(const FlowKey& key, Ticks now) {
  if (size() >= buckets_.size()) add_buckets();
  const std::uint32_t index = allocate();
  Flow& flow = at(index);
  flow = Flow{.key = key, .index = index, .next_in_bucket = bucket(key), .seen = now};
  bucket(key) = index;
  append(flow);
  return flow;
}

void FlowTable::remove(Flow& flow) {
  unlink(flow);
  std::uint32_t* link = &bucket(flow.key);
  while (*link != flow.index) link = &at(*link).next_in_bucket;
  *link = flow.next_in_bucket;
  flow.next_in_bucket = free_;
  free_ = flow.index;
}

std::uint32_t FlowTable::allocate() {
  if (free_ != kNone) {
    const std::uint32_t index = free_;
    free_ = at(index).next_in_bucket;
    return index;
  }
  if (used_ % kBlock == 0) blocks_.push_back(std::make_unique<Flow[]>(kBlock));
  return used_++;
}

void FlowTable::add_buckets() {
  buckets_.assign(2 * buckets_.size(), kNone);
  for (const List& list : lists_) {
    for (std::uint32_t i = list.oldest; i != kNone; i = at(i).newer)
      at(i).next_in_bucket = std::exchange(bucket(at(i).key), i);
  }
}

void FlowTable::append(Flow& flow) {
  List& list = list_of(flow);
  flow.older = list.newest;
  flow.newer = kNone;
  (list.newest == kNone ? list.oldest : at(list.newest).newer) = flow.index;
  list.newest = flow.index;
  ++list.size;
}

void FlowTable::unlink(Flow& flow) {
  List& list = list_of(flow);
  (flow.older == kNone ? list.oldest : at(flow.older).newer) = flow.newer;
  (flow.newer == kNone ? list.newest : at(flow.newer).older) = flow.older;
  --list.size;
}

void FlowTable::move_to_end(Flow& flow, bool transient, Ticks now) {
  unlink(flow);
  flow.transient = transient;
  flow.seen = now;
  append(flow);
}

}  // namespace mre
