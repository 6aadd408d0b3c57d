// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "exporter/base/bytes.h"

namespace mre {

/// Detects repeated deliveries of an event by its identity, so that an event that a broker delivers at least
/// once is counted once.
///
/// Bounded: `capacity` identities in a table that is allocated once; if a bucket is full, the oldest one is
/// evicted. So an event is counted again if it is repeated after about `capacity` others. One thread.
class DuplicateFilter {
 public:
  /// A `capacity` of 0 uses no memory, for a profile whose events have no identity.
  explicit DuplicateFilter(std::size_t capacity);

  /// Whether the event was seen before; remembers it. `identity` is never 0: a hash that clients cannot
  /// predict.
  bool is_duplicate(std::uint64_t identity);

  void clear();
  void save(ByteWriter& out) const;  ///< 8 bytes for each event.
  /// Restores what one with at most the same capacity saved. If the bytes are invalid, `in` fails and the
  /// caller must call `clear`.
  void restore(ByteReader& in);

 private:
  static constexpr std::size_t kWays = 8;
  struct Entry {
    std::uint64_t identity = 0;
    std::uint32_t at = 0;  // in events
  };

  std::span<Entry> bucket_of(std::uint64_t identity) {
    return std::span(entries_).subspan(identity % (entries_.size() / kWays) * kWays, kWays);
  }

  std::uint32_t clock_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace mre
