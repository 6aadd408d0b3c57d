// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mre {

/// Finds all places of several literals in a text in one pass (the automaton of Aho and Corasick): what a
/// line costs does not depend on how many patterns look for words in it.
///
/// Time is linear in the text and in the places found. One thread; the buffer for the places is reused.
class LiteralSearch {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Place {
    std::uint32_t at;
    std::uint32_t next;  ///< The number of the next place of the same literal; kNone if there is none.
  };

  /// A literal's number is its place in the list. They differ, and none is empty.
  explicit LiteralSearch(const std::vector<std::string>& literals);

  /// Forgets the places in the text before. A text has less than 4 GiB.
  void scan(std::string_view text);

  /// The number of the literal's first place in the text scanned last; kNone if it is not there. Places of a
  /// literal follow each other as in the text.
  std::uint32_t first(std::size_t literal) const { return found_[literal].first; }
  const Place& place(std::uint32_t number) const { return places_[number]; }

 private:
  struct State {
    std::uint32_t literal = kNone;  // that ends here; of several the longest
    std::uint32_t shorter = 0;      // the state of the next shorter one that ends here, too; 0: there is none
  };
  struct Found {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };

  void add_place(std::uint32_t literal, std::size_t end);

  std::vector<std::uint32_t> sizes_;
  std::array<std::uint8_t, 256> class_of_{};  // bytes that are in no literal are all alike: class 0
  std::size_t classes_ = 1;
  std::vector<std::uint32_t> next_;  // by state and class; the first state is 0
  std::vector<State> states_;
  std::vector<Found> found_;  // by literal
  std::vector<Place> places_;
};

}  // namespace mre
