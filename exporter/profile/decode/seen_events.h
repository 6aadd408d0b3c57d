// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "exporter/base/bytes.h"

namespace mre {

/// Tells repeated deliveries of an event apart by its identity: what a broker delivers at least once counts
/// once.
///
/// Bounded: `capacity` identities in a table that is allocated once; where a part of the table is full the
/// oldest one goes. So an event counts again if it is repeated after about `capacity` others. One thread.
class SeenEvents {
 public:
  /// `capacity` 0 takes no memory, for a profile whose events have no identity.
  explicit SeenEvents(std::size_t capacity);

  /// Whether the event was seen before; from now on it was. `identity`: a hash that strangers cannot foresee,
  /// never 0.
  bool again(std::uint64_t identity);

  void clear();
  void save(ByteWriter& out) const;  ///< 8 bytes for each event.
  /// Takes over what one with room for no more events wrote. If the bytes are not that, `in` fails, and what
  /// is here is to be cleared.
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
