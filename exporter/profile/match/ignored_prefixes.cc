// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/ignored_prefixes.h"

#include <algorithm>

namespace mre {

IgnoredPrefixes::IgnoredPrefixes(std::span<const Row> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    if (!row.ignored || row.prefix.size() < kKeyBytes) continue;
    const auto decides_too = [&](const Row& other) {
      return other.prefix.starts_with(row.prefix) && (other.prefix != row.prefix || &other < &row);
    };
    if (std::ranges::any_of(rows, decides_too)) continue;
    Slot& slot = slots_[slot_of(row.prefix.data())];
    if (slot.size != 0) continue;
    slot = {word_at(row.prefix.data()), word_at(row.prefix.data() + 8), row.prefix.data(),
            static_cast<std::uint32_t>(row.prefix.size()), row.level};
  }
}

}  // namespace mre
