// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/space_saving.h"

#include <limits>

namespace mre {

void SpaceSaving::add(std::uint64_t hash, std::string_view name, CounterPool& pool) {
  ++total_;
  if (!index_.empty()) {
    if (const std::uint16_t at = index_[slot_of(hash)].counter; at != kFree) {
      ++counters_[at].count;
      return;
    }
  }
  if (counters_.size() < capacity_ || grow(pool)) {
    index_[slot_of(hash)] = IndexEntry(counters_.size(), hash);
    counters_.push_back({hash, floor_ + 1, floor_, Name(name)});
    return;
  }
  const std::size_t victim = smallest();
  Counter& counter = counters_[victim];
  floor_ = std::max(floor_, counter.count);
  erase_from_index(slot_of(counter.hash));
  counter = {hash, floor_ + 1, floor_, Name(name)};
  index_[slot_of(hash)] = IndexEntry(victim, hash);
}

void SpaceSaving::clear(CounterPool& pool) {
  pool.left += taken_from_pool_;
  *this = SpaceSaving(max_counters_);
}

/// The slot of a hash, or the free one where it belongs.
std::size_t SpaceSaving::slot_of(std::uint64_t hash) const {
  const std::size_t mask = index_.size() - 1;
  const auto low_bits = static_cast<std::uint16_t>(hash);
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const IndexEntry entry = index_.data()[slot];
    if (entry.counter == kFree) return slot;
    if (entry.low_bits == low_bits && counters_.data()[entry.counter].hash == hash) return slot;
  }
}

/// Doubles the room for counters. False if that is not allowed.
bool SpaceSaving::grow(CounterPool& pool) {
  const std::size_t wanted = std::min(std::max(capacity_ * 2, kOwnCounters), max_counters_);
  const std::size_t more = wanted - capacity_;
  if (more == 0) return false;
  if (capacity_ != 0) {
    if (pool.left < more) return false;
    pool.left -= more;
    taken_from_pool_ += more;
  }
  capacity_ = wanted;
  counters_.reserve(capacity_);
  rebuild_index();
  return true;
}

void SpaceSaving::rebuild_index() {
  std::size_t slots = 1;
  while (slots < 2 * capacity_) slots *= 2;
  index_.assign(slots, IndexEntry());
  for (std::size_t i = 0; i < counters_.size(); ++i)
    index_[slot_of(counters_[i].hash)] = IndexEntry(i, counters_[i].hash);
}

/// Linear probing without marks for erased entries: later entries of the run move up (Knuth, 6.4, algorithm R).
void SpaceSaving::erase_from_index(std::size_t slot) {
  const std::size_t mask = index_.size() - 1;
  index_[slot] = IndexEntry();
  for (std::size_t next = (slot + 1) & mask; index_[next].counter != kFree; next = (next + 1) & mask) {
    const std::size_t home = index_[next].low_bits & mask;
    if (((next - home) & mask) < ((next - slot) & mask)) continue;
    index_[slot] = index_[next];
    index_[next] = IndexEntry();
    slot = next;
  }
}

/// A counter with the smallest count. Counts only grow, so the search continues where it stopped as long as there may
/// be more with the same count.
std::size_t SpaceSaving::smallest() {
  for (; next_ < counters_.size(); ++next_) {
    if (counters_[next_].count <= smallest_count_) return next_++;
  }
  smallest_count_ = std::numeric_limits<std::uint32_t>::max();
  for (const Counter& counter : counters_) smallest_count_ = std::min(smallest_count_, counter.count);
  next_ = 0;
  while (counters_[next_].count > smallest_count_) ++next_;
  return next_++;
}

}  // namespace mre
