// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "exporter/base/bytes.h"

namespace mre {

/// Which log levels a source is known to write, judged by its records.
///
/// A record of a log implies its own level and all lower ones. Broker events are enabled one by one, so a
/// record of an event implies its own level only. A level expires when the broker restarts or reads its
/// configuration (`clear`), or after many consecutive records that do not imply it: `kInitialExpiry` at
/// first. If the level is observed again later, its records are rare, and its expiry grows by a factor of
/// eight. One thread; one comparison for most records.
class ObservedLevels {
 public:
  static constexpr std::size_t kMax = 16;  // number of levels
  static constexpr std::uint32_t kInitialExpiry = 1000;

  explicit ObservedLevels(bool implies_lower) : implies_lower_(implies_lower) {}

  /// A record of this level was read.
  void observe(std::uint8_t level) {
    if (level != usual_) update(level);
  }

  bool is_observed(std::size_t level) const { return levels_[level].observed; }

  void clear() { *this = ObservedLevels(implies_lower_); }
  void save(ByteWriter& out) const;
  /// Restores what `save` wrote. If the bytes are invalid, `in` fails and the caller must call `clear`.
  void restore(ByteReader& in);

 private:
  static constexpr int kNone = -1;
  static constexpr std::uint32_t kMaxExpiry = kInitialExpiry * 512;

  struct Level {
    bool observed = false;
    std::uint32_t without = 0;  // records since the last one that implied it
    std::uint32_t expires_after = kInitialExpiry;
  };

  void update(std::uint8_t level);

  bool implies_lower_;
  int usual_ = kNone;     // a record of this level changes nothing
  std::size_t used_ = 0;  // higher levels were never seen
  std::array<Level, kMax> levels_{};
};

}  // namespace mre
