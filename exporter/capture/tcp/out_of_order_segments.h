// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "exporter/capture/tcp/flow.h"

namespace mre {

/// Copies of the segments that arrived before their predecessors. Each direction of a connection has a list,
/// sorted by sequence number, whose head is HalfFlow::first_out_of_order. Memory is bounded per direction and
/// in total, and is freed when the last segment leaves.
class OutOfOrderSegments {
 public:
  static constexpr std::size_t kMaxBytes = 4U << 20U;
  /// Per direction: room for a dozen segments of cards that merge or offload segments (64 to 128 KiB each),
  /// and a list that is short enough for a linear search.
  static constexpr std::size_t kMaxConnectionBytes = kMaxBytes / 2;
  static constexpr std::size_t kMaxConnectionSegments = 512;

  struct Entry {
    Segment segment;    ///< The payload is a view into `bytes`.
    std::string bytes;  ///< The payload.
    Ticks since = 0;
    std::uint32_t flow = kNone;  ///< kNone: the slot is free.
    mqtt::Side side = mqtt::Side::client;
    std::uint32_t next = kNone;   ///< The next by sequence number in this direction; or the next free slot.
    std::uint32_t older = kNone;  ///< Neighbours by time, over all connections.
    std::uint32_t newer = kNone;
  };

  enum class StoreResult : std::uint8_t { stored, connection_full, table_full };

  /// Stores a copy of a segment, unless one with the same bytes is stored already.
  StoreResult store(Flow& flow, mqtt::Side side, const Segment& segment, Ticks now);
  /// Removes the first segment of a direction from its list. The entry is valid until `free`.
  Entry& pop_first(HalfFlow& half);
  void free(Entry& entry);
  /// Frees all segments of a direction.
  void clear(HalfFlow& half);

  const Entry& at(std::uint32_t index) const { return slots_[index]; }
  const Entry& oldest() const { return slots_[oldest_]; }  ///< Precondition: not empty.
  bool empty() const { return oldest_ == kNone; }
  std::size_t slots() const { return slots_.size(); }  ///< Free ones included; numbered from 0.

 private:
  static std::size_t cost(std::size_t bytes) { return sizeof(Entry) + bytes; }
  std::uint32_t allocate_slot();
  void insert(Flow& flow, mqtt::Side side, std::uint32_t before, const Segment& segment, Ticks now);

  std::vector<Entry> slots_;
  std::uint32_t free_ = kNone;
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  std::size_t bytes_ = 0;
};

}  // namespace mre
