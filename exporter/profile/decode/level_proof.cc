// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/level_proof.h"

#include <algorithm>

namespace mre {

void LevelProof::update(std::uint8_t level) {
  bool changes_nothing = true;
  used_ = std::max<std::size_t>(used_, level + 1U);
  for (std::size_t i = 0; i < used_; ++i) {
    Level& one = levels_[i];
    if (i == level || (proves_lower_ && i < level)) {
      one.proved = true;
      one.without = 0;
    } else if (one.proved && ++one.without >= one.patience) {
      one.proved = false;
      one.without = 0;
      one.patience = std::min(one.patience * 8, kLastPatience);
    }
    changes_nothing &= one.without == 0;
  }
  usual_ = changes_nothing ? int{level} : kNone;
}

void LevelProof::save(ByteWriter& out) const {
  for (const Level& level : levels_) {
    out.flag(level.proved);
    out.number(level.without);
    out.number(level.patience);
  }
}

void LevelProof::restore(ByteReader& in) {
  usual_ = kNone;
  used_ = 0;
  for (Level& level : levels_) {
    level.proved = in.flag();
    level.without = static_cast<std::uint32_t>(in.number_up_to(kLastPatience));
    level.patience = static_cast<std::uint32_t>(in.number_up_to(kLastPatience));
    if (level.proved) used_ = static_cast<std::size_t>(&level - levels_.data()) + 1;
  }
}

}  // namespace mre
