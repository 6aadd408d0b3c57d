// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/duplicate_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

namespace mre {

DuplicateFilter::DuplicateFilter(std::size_t capacity)
    : entries_(capacity == 0 ? 0 : std::bit_ceil(std::max(capacity, kWays))) {}

bool DuplicateFilter::is_duplicate(std::uint64_t identity) {
  if (entries_.empty()) return false;
  const std::span<Entry> bucket = bucket_of(identity);
  if (std::ranges::find(bucket, identity, &Entry::identity) != bucket.end()) return true;
  const std::uint32_t now = ++clock_;
  const auto age = [&](const Entry& e) { return e.identity == 0 ? UINT32_MAX : now - e.at; };
  *std::ranges::max_element(bucket, {}, age) = {identity, now};
  return false;
}

void DuplicateFilter::clear() {
  clock_ = 0;
  std::ranges::fill(entries_, Entry{});
}

// The identity determines the bucket, so only the order in time is written. 0 ends the list.
void DuplicateFilter::save(ByteWriter& out) const {
  std::array<Entry, kWays> bucket;
  for (auto at = entries_.begin(); at != entries_.end(); at += kWays) {
    std::copy_n(at, kWays, bucket.begin());
    std::ranges::sort(bucket, std::greater<>{}, [&](const Entry& e) { return clock_ - e.at; });
    for (const Entry& entry : bucket) {
      if (entry.identity != 0) out.word(entry.identity);
    }
  }
  out.word(0);
}

void DuplicateFilter::restore(ByteReader& in) {
  clear();
  while (const std::uint64_t identity = in.word()) {
    if (entries_.empty()) return in.fail();
    const std::span<Entry> bucket = bucket_of(identity);
    const auto free = std::ranges::find(bucket, 0U, &Entry::identity);
    if (free == bucket.end() || std::ranges::find(bucket, identity, &Entry::identity) != bucket.end())
      return in.fail();
    *free = {identity, ++clock_};
  }
}

}  // namespace mre
