// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/prefix_index.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <unordered_map>
#include <utility>

namespace mre {
template <std::size_t kBytes>
PrefixIndex::Table<kBytes>::Table(std::vector<Entry> entries) : entries_(std::move(entries)) {
  const auto slot = [](const Entry& entry) { return slot_of(entry.text.data()); };
  std::ranges::stable_sort(entries_, {}, slot);
  for (const Entry& entry : entries_) ++slots_[slot(entry) + 1];
  for (std::size_t i = 1; i < slots_.size(); ++i)
    slots_[i] = static_cast<std::uint16_t>(slots_[i] + slots_[i - 1]);
}

std::uint64_t PrefixIndex::padded(std::string_view text) {
  std::array<char, kSuffixBytes> bytes{};
  std::ranges::copy_backward(text, bytes.end());
  return word_at(bytes.data());
}

PrefixIndex::PrefixIndex(std::span<const std::string_view> prefixes,
                         std::span<const std::string_view> suffixes) {
  const std::size_t patterns =
      std::min<std::size_t>(prefixes.size(), std::numeric_limits<std::uint16_t>::max());
  std::vector<Entry> distinct;
  std::unordered_map<std::string_view, std::size_t> index_of;  // hundreds of patterns may share a prefix
  for (std::size_t pattern = 0; pattern < patterns; ++pattern) {
    const auto [at, is_new] = index_of.try_emplace(prefixes[pattern], distinct.size());
    if (is_new) distinct.push_back({std::string(prefixes[pattern]), {}});
    const std::string_view suffix = pattern < suffixes.size() ? suffixes[pattern] : std::string_view{};
    const std::string mask(std::min(suffix.size(), kSuffixBytes), '\xFF');
    distinct[at->second].suffixes.push_back(
        {last_bytes(suffix), last_bytes(mask), static_cast<std::uint16_t>(pattern)});
  }
  std::ranges::stable_sort(distinct, std::greater{}, [](const Entry& entry) { return entry.text.size(); });
  std::vector<Entry> of_length[3];
  for (Entry& entry : distinct) {
    begins_[static_cast<unsigned char>(entry.text.front())] = true;
    of_length[entry.text.size() >= 16 ? 0 : entry.text.size() >= 8 ? 1 : 2].push_back(std::move(entry));
  }
  long_ = Table<16>(std::move(of_length[0]));
  medium_ = Table<8>(std::move(of_length[1]));
  short_ = Table<1>(std::move(of_length[2]));
}

}  // namespace mre
