// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "exporter/base/bytes.h"

namespace mre {

/// Which levels of a source its records prove to be written.
///
/// A record of a log proves its level and all below. Events are switched on one by one, so that a record of
/// them proves its own level only. A level is disproved when the broker starts again or reads its
/// configuration (`clear`), or by many records in a row that do not prove it: `kFirstPatience` at first. If
/// it comes back after that, its records are rare, and from then on eight times as many are needed. One
/// thread; a comparison for most records.
class LevelProof {
 public:
  static constexpr std::size_t kMost = 16;  // levels
  static constexpr std::uint32_t kFirstPatience = 1000;

  explicit LevelProof(bool proves_lower) : proves_lower_(proves_lower) {}

  /// A record of this level was read.
  void saw(std::uint8_t level) {
    if (level != usual_) update(level);
  }

  bool proved(std::size_t level) const { return levels_[level].proved; }

  void clear() { *this = LevelProof(proves_lower_); }
  void save(ByteWriter& out) const;
  /// Takes over what `save` wrote. If the bytes are not that, `in` fails, and what is here is to be cleared.
  void restore(ByteReader& in);

 private:
  static constexpr int kNone = -1;
  static constexpr std::uint32_t kLastPatience = kFirstPatience * 512;

  struct Level {
    bool proved = false;
    std::uint32_t without = 0;  // records since the last that proved it
    std::uint32_t patience = kFirstPatience;
  };

  void update(std::uint8_t level);

  bool proves_lower_;
  int usual_ = kNone;     // a record of this level changes nothing
  std::size_t used_ = 0;  // levels from here on were never seen
  std::array<Level, kMost> levels_{};
};

}  // namespace mre
