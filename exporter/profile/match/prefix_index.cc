// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/prefix_index.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <unordered_map>
#include <utility>

namespace mre {

template <std::size_t kBytes>
PrefixIndex::Table<kBytes>::Table(std::vector<Prefix> prefixes) {
  std::array<std::uint16_t, 1U << kBits> last_of_slot{};
  for (Prefix& prefix : prefixes) {
    const auto number = static_cast<std::uint16_t>(prefixes_.size());
    const std::size_t slot = slot_of(prefix.text.data());
    const std::uint16_t before = std::exchange(last_of_slot[slot], number);
    (before == 0 ? slots_[slot] : prefixes_[before].next) = number;
    prefixes_.push_back(std::move(prefix));
  }
}

std::uint64_t PrefixIndex::padded(std::string_view text) {
  std::array<char, kSuffixBytes> bytes{};
  std::ranges::copy_backward(text, bytes.end());
  return word_at(bytes.data());
}

PrefixIndex::PrefixIndex(std::span<const Row> rows) {
  const std::size_t patterns = std::min<std::size_t>(rows.size(), std::numeric_limits<std::uint16_t>::max());
  std::vector<std::vector<std::uint16_t>> patterns_of;         // of each distinct prefix
  std::unordered_map<std::string_view, std::size_t> index_of;  // hundreds of patterns may share a prefix
  for (std::size_t pattern = 0; pattern < patterns; ++pattern) {
    const auto [at, is_new] = index_of.try_emplace(rows[pattern].prefix, patterns_of.size());
    if (is_new) patterns_of.emplace_back();
    patterns_of[at->second].push_back(static_cast<std::uint16_t>(pattern));
  }
  std::ranges::stable_sort(patterns_of, std::greater{},
                           [&](const auto& numbers) { return rows[numbers.front()].prefix.size(); });
  std::vector<Prefix> of_length[3];
  for (const auto& numbers : patterns_of) {
    const Row& row = rows[numbers.front()];
    const auto lists = static_cast<std::uint32_t>(lists_.size());
    const std::uint8_t list_bits = numbers.size() > kMaxInOneList ? kListBits : 0;
    for (std::uint32_t list = 0; list < 1U << list_bits; ++list) add_list(rows, numbers, list, list_bits);
    const std::string_view text = row.prefix;
    begins_[static_cast<unsigned char>(text.front())] = true;
    of_length[text.size() >= 16  ? 0
              : text.size() >= 8 ? 1
                                 : 2]
        .push_back({.first = text.size() >= 8 ? word_at(text.data()) : 0,
                    .second = text.size() >= 16 ? word_at(text.data() + 8) : 0,
                    .last = last_bytes(text),
                    .text = std::string(text),
                    .lists = lists,
                    .list_bits = list_bits,
                    .first_pattern = numbers.front()});
  }
  lists_.push_back(static_cast<std::uint32_t>(suffixes_.size()));
  long_ = Table<16>(std::move(of_length[0]));
  medium_ = Table<8>(std::move(of_length[1]));
  short_ = Table<1>(std::move(of_length[2]));
}

/// A suffix that is shorter than what the lists are chosen by is in each of them.
void PrefixIndex::add_list(std::span<const Row> rows, std::span<const std::uint16_t> patterns,
                           std::uint32_t list, std::uint8_t list_bits) {
  lists_.push_back(static_cast<std::uint32_t>(suffixes_.size()));
  for (const std::uint16_t pattern : patterns) {
    const std::string_view suffix = rows[pattern].suffix;
    const std::string mask(std::min(suffix.size(), kSuffixBytes), '\xFF');
    if (suffix.size() < kListedBytes || list_of(last_bytes(suffix), list_bits) == list)
      suffixes_.push_back({last_bytes(suffix), last_bytes(mask), pattern});
  }
}

}  // namespace mre
