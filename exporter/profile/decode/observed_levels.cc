// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/observed_levels.h"

#include <algorithm>

namespace mre {

void ObservedLevels::update(std::uint8_t level) {
  bool changes_nothing = true;
  used_ = std::max<std::size_t>(used_, level + 1U);
  for (std::size_t i = 0; i < used_; ++i) {
    Level& one = levels_[i];
    if (i == level || (implies_lower_ && i < level)) {
      one.observed = true;
      one.without = 0;
    } else if (one.observed && ++one.without >= one.expires_after) {
      one.observed = false;
      one.without = 0;
      one.expires_after = std::min(one.expires_after * 8, kMaxExpiry);
    }
    changes_nothing &= one.without == 0;
  }
  usual_ = changes_nothing ? int{level} : kNone;
}

void ObservedLevels::save(ByteWriter& out) const {
  for (const Level& level : levels_) {
    out.flag(level.observed);
    out.number(level.without);
    out.number(level.expires_after);
  }
}

void ObservedLevels::restore(ByteReader& in) {
  usual_ = kNone;
  used_ = 0;
  for (Level& level : levels_) {
    level.observed = in.flag();
    level.without = static_cast<std::uint32_t>(in.number_up_to(kMaxExpiry));
    level.expires_after = static_cast<std::uint32_t>(in.number_up_to(kMaxExpiry));
    if (level.observed) used_ = static_cast<std::size_t>(&level - levels_.data()) + 1;
  }
}

}  // namespace mre
