// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/literal_search.h"

namespace mre {

LiteralSearch::LiteralSearch(const std::vector<std::string>& literals) : states_(1), found_(literals.size()) {
  const auto byte = [](char c) { return static_cast<unsigned char>(c); };
  for (const std::string& literal : literals) {
    for (const char c : literal) {
      if (class_of_[byte(c)] == 0 && classes_ < 256)
        class_of_[byte(c)] = static_cast<std::uint8_t>(classes_++);
    }
  }
  // The literals as a trie. 0 means no child, because the first state is nobody's child.
  next_.resize(classes_);
  for (std::size_t number = 0; number < literals.size(); ++number) {
    std::size_t state = 0;
    for (const char c : literals[number]) {
      const std::size_t edge = state * classes_ + class_of_[byte(c)];
      if (next_[edge] == 0) {
        next_[edge] = static_cast<std::uint32_t>(states_.size());
        states_.emplace_back();
        next_.resize(next_.size() + classes_);
      }
      state = next_[edge];
    }
    states_[state].literal = static_cast<std::uint32_t>(number);
    sizes_.push_back(static_cast<std::uint32_t>(literals[number].size()));
  }
  // Breadth first: if no literal continues, fall back to the longest suffix of the text that begins a
  // literal.
  std::vector<std::uint32_t> fallback(states_.size());
  std::vector<std::uint32_t> queue = {0};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const std::uint32_t state = queue[i];
    const std::uint32_t back = fallback[state];
    states_[state].shorter = states_[back].literal != kNone ? back : states_[back].shorter;
    for (std::size_t c = 0; c < classes_; ++c) {
      std::uint32_t& next = next_[state * classes_ + c];
      const std::uint32_t otherwise = state == 0 ? 0 : next_[back * classes_ + c];
      if (next == 0) {
        next = otherwise;
      } else {
        fallback[next] = otherwise;
        queue.push_back(next);
      }
    }
  }
}

void LiteralSearch::scan(std::string_view text) {
  occurrences_.clear();
  found_.assign(found_.size(), {});
  std::uint32_t state = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    state = next_.data()[state * classes_ + class_of_[static_cast<unsigned char>(text[i])]];
    const State& here = states_.data()[state];
    if (here.literal != kNone) add_occurrence(here.literal, i + 1);
    for (std::uint32_t s = here.shorter; s != 0; s = states_[s].shorter)
      add_occurrence(states_[s].literal, i + 1);
  }
}

void LiteralSearch::add_occurrence(std::uint32_t literal, std::size_t end) {
  const auto number = static_cast<std::uint32_t>(occurrences_.size());
  occurrences_.push_back({static_cast<std::uint32_t>(end) - sizes_[literal], kNone});
  Found& found = found_[literal];
  if (found.first == kNone) {
    found.first = number;
  } else {
    occurrences_[found.last].next = number;
  }
  found.last = number;
}

}  // namespace mre
