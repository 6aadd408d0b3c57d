// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/head_index.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <unordered_map>
#include <utility>

namespace mre {
template <std::size_t kBytes>
HeadIndex::Table<kBytes>::Table(std::vector<Head> heads) : heads_(std::move(heads)) {
  const auto slot = [](const Head& head) { return slot_of(head.text.data()); };
  std::ranges::stable_sort(heads_, {}, slot);
  for (const Head& head : heads_) ++slots_[slot(head) + 1];
  for (std::size_t i = 1; i < slots_.size(); ++i)
    slots_[i] = static_cast<std::uint16_t>(slots_[i] + slots_[i - 1]);
}

std::uint64_t HeadIndex::padded(std::string_view text) {
  std::array<char, kTailBytes> bytes{};
  std::ranges::copy_backward(text, bytes.end());
  return word_at(bytes.data());
}

HeadIndex::HeadIndex(std::span<const std::string_view> heads, std::span<const std::string_view> tails) {
  const std::size_t patterns = std::min<std::size_t>(heads.size(), std::numeric_limits<std::uint16_t>::max());
  std::vector<Head> different;
  std::unordered_map<std::string_view, std::size_t> place;  // hundreds of patterns may have one head
  for (std::size_t pattern = 0; pattern < patterns; ++pattern) {
    const auto [at, is_new] = place.try_emplace(heads[pattern], different.size());
    if (is_new) different.push_back({std::string(heads[pattern]), {}});
    const std::string_view tail = pattern < tails.size() ? tails[pattern] : std::string_view{};
    const std::string mask(std::min(tail.size(), kTailBytes), '\xFF');
    different[at->second].tails.push_back(
        {last_bytes(tail), last_bytes(mask), static_cast<std::uint16_t>(pattern)});
  }
  std::ranges::stable_sort(different, std::greater{}, [](const Head& head) { return head.text.size(); });
  std::vector<Head> of_length[3];
  for (Head& head : different) {
    begins_[static_cast<unsigned char>(head.text.front())] = true;
    of_length[head.text.size() >= 16 ? 0 : head.text.size() >= 8 ? 1 : 2].push_back(std::move(head));
  }
  long_ = Table<16>(std::move(of_length[0]));
  medium_ = Table<8>(std::move(of_length[1]));
  short_ = Table<1>(std::move(of_length[2]));
}

}  // namespace mre
