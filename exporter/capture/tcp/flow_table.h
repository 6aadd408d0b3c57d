// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "exporter/capture/tcp/flow.h"

namespace mre {

/// A hash table of at most `max` connections. Each connection is in one of two lists, which are sorted by
/// last activity, the oldest first:
/// - open connections;
/// - transient connections, which are evicted first: those without any payload yet, of which an attacker can
///   open any number, and those that have ended. Ended ones stay for a while, so that a late frame does not
///   look like a new connection.
///
/// The address of a Flow does not change until it is removed. Memory grows in blocks and is reused, not
/// freed.
class FlowTable {
 public:
  explicit FlowTable(std::size_t max);

  /// Null if not found.
  Flow* find(const FlowKey& key);
  Flow& at(std::uint32_t index) { return blocks_[index / kBlock][index % kBlock]; }
  /// Inserts at the end of the transient list. Precondition: not full, and the key is not in the table.
  Flow& insert(const FlowKey& key, Ticks now);
  void remove(Flow& flow);

  /// Moves the flow to the end of its list, at most once a second: that is exact enough, and avoids loading
  /// its neighbours into the processor's cache for each frame.
  void touch(Flow& flow, Ticks now) {
    if (now - flow.seen >= static_cast<Ticks>(kTicksPerSecond)) move_to_end(flow, flow.transient, now);
  }
  /// Moves the flow to the end of the named list.
  void move_to_open(Flow& flow, Ticks now) { move_to_end(flow, false, now); }
  void move_to_transient(Flow& flow, Ticks now) { move_to_end(flow, true, now); }

  /// Null if the list is empty.
  Flow* oldest_open() { return oldest(lists_[0]); }
  Flow* oldest_transient() { return oldest(lists_[1]); }
  std::size_t transient() const { return lists_[1].size; }
  bool full() const { return size() >= max_; }

 private:
  static constexpr std::size_t kBlock = 512;
  static constexpr std::size_t kFirstBuckets = 1024;
  struct List {
    std::uint32_t oldest = kNone;
    std::uint32_t newest = kNone;
    std::size_t size = 0;
  };

  std::uint32_t& bucket(const FlowKey& key) { return buckets_[key.low & (buckets_.size() - 1)]; }
  Flow* oldest(const List& list) { return list.oldest == kNone ? nullptr : &at(list.oldest); }
  List& list_of(const Flow& flow) { return lists_[flow.transient ? 1 : 0]; }
  std::size_t size() const { return lists_[0].size + lists_[1].size; }
  std::uint32_t allocate();
  void add_buckets();
  void append(Flow& flow);
  void unlink(Flow& flow);
  void move_to_end(Flow& flow, bool transient, Ticks now);

  std::size_t max_;
  std::vector<std::unique_ptr<Flow[]>> blocks_;
  std::vector<std::uint32_t> buckets_;  // a power of two; doubled when there is a flow for each
  std::uint32_t free_ = kNone;          // head of the list of free slots, linked by next_in_bucket
  std::uint32_t used_ = 0;              // slots that were ever allocated
  List lists_[2];                       // open, transient
};

}  // namespace mre
