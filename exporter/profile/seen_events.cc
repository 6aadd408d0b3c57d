#include "exporter/profile/seen_events.h"

#include <algorithm>
#include <bit>

namespace mre {

SeenEvents::SeenEvents(std::size_t capacity)
    : entries_(capacity == 0 ? 0 : std::bit_ceil(std::max(capacity, kWays))) {}

bool SeenEvents::again(std::uint64_t identity) {
  if (entries_.empty()) return false;
  const auto first =
      entries_.begin() + static_cast<std::ptrdiff_t>(identity % (entries_.size() / kWays) * kWays);
  const auto last = first + kWays;
  if (std::any_of(first, last, [&](const Entry& e) { return e.identity == identity; })) return true;
  const std::uint32_t now = ++clock_;
  const auto age = [&](const Entry& e) { return e.identity == 0 ? UINT32_MAX : now - e.at; };
  *std::max_element(first, last, [&](const Entry& a, const Entry& b) { return age(a) < age(b); }) = {identity,
                                                                                                     now};
  return false;
}

}  // namespace mre
