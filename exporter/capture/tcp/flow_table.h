// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "exporter/capture/tcp/flow.h"

namespace mre {

/// The connections, found by key, at most `max` of them. Each is in one of two lists, the longest silent
/// first. The open ones; and the brief ones, the first to make room: those that have not said anything yet,
/// of which a stranger can make any number, and those that have ended and stay for a while, so that a frame
/// that comes late does not look like a new connection.
///
/// A Flow keeps its place until it is removed. Memory grows by blocks and is kept for the next ones.
class FlowTable {
 public:
  explicit FlowTable(std::size_t max);

  /// Null if there is none.
  Flow* find(const FlowKey& key);
  Flow& at(std::uint32_t index) { return blocks_[index / kBlock][index % kBlock]; }
  /// A new one at the end of the brief list. Only if it is not full and has none of that key.
  Flow& insert(const FlowKey& key, Ticks now);
  void remove(Flow& flow);

  /// Moves it to the end of its list, if a second has passed since the last time: that is exact enough, and
  /// leaves its neighbours out of the processor's cache.
  void touch(Flow& flow, Ticks now) {
    if (now - flow.seen >= static_cast<Ticks>(kTicksPerSecond)) move_to_end(flow, flow.brief, now);
  }
  /// Moves it to the end of the other list, or of this one.
  void move_to_open(Flow& flow, Ticks now) { move_to_end(flow, false, now); }
  void move_to_brief(Flow& flow, Ticks now) { move_to_end(flow, true, now); }

  /// Null if the list is empty.
  Flow* oldest_open() { return oldest(lists_[0]); }
  Flow* oldest_brief() { return oldest(lists_[1]); }
  std::size_t brief() const { return lists_[1].size; }
  bool full() const { return lists_[0].size + lists_[1].size >= max_; }

 private:
  static constexpr std::size_t kBlock = 512;
  struct List {
    std::uint32_t oldest = kNone;
    std::uint32_t newest = kNone;
    std::size_t size = 0;
  };

  std::uint32_t& bucket(const FlowKey& key) { return buckets_[key.low & (buckets_.size() - 1)]; }
  Flow* oldest(const List& list) { return list.oldest == kNone ? nullptr : &at(list.oldest); }
  List& list_of(const Flow& flow) { return lists_[flow.brief ? 1 : 0]; }
  std::uint32_t take_place();
  void append(Flow& flow);
  void unlink(Flow& flow);
  void move_to_end(Flow& flow, bool brief, Ticks now);

  std::size_t max_;
  std::vector<std::unique_ptr<Flow[]>> blocks_;
  std::vector<std::uint32_t> buckets_;  // a power of two
  std::uint32_t free_ = kNone;          // places that were given back, chained
  std::uint32_t used_ = 0;              // places that were ever taken
  List lists_[2];                       // open, brief
};

}  // namespace mre
