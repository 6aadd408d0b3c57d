#include "exporter/profile/head_index.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
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

HeadIndex::HeadIndex(std::span<const std::string_view> heads) {
  std::vector<std::uint16_t> order(
      std::min<std::size_t>(heads.size(), std::numeric_limits<std::uint16_t>::max()));
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  std::ranges::sort(order, {}, [&](std::uint16_t pattern) {  // the longest head first, the same ones together
    return std::tuple(~heads[pattern].size(), heads[pattern], pattern);
  });
  std::vector<Head> of_length[3];
  for (const std::uint16_t pattern : order) {
    const std::string_view text = heads[pattern];
    begins_[static_cast<unsigned char>(text.front())] = true;
    auto& list = of_length[text.size() >= 16 ? 0 : text.size() >= 8 ? 1 : 2];
    if (list.empty() || list.back().text != text) list.push_back({std::string(text), {}});
    list.back().patterns.push_back(pattern);
  }
  long_ = Table<16>(std::move(of_length[0]));
  medium_ = Table<8>(std::move(of_length[1]));
  short_ = Table<1>(std::move(of_length[2]));
}

}  // namespace mre
