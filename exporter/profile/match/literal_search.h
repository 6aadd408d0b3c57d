// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mre {

/// Finds all occurrences of several literals in a text in one pass (Aho-Corasick automaton): the cost of a
/// line does not depend on the number of literals.
///
/// Time is linear in the text and in the occurrences. One thread; the buffer is reused.
class LiteralSearch {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Occurrence {
    std::uint32_t at;
    std::uint32_t next;  ///< The number of the next occurrence of the same literal, or kNone.
  };

  /// The number of a literal is its index in the list. Literals must be distinct and not empty.
  explicit LiteralSearch(const std::vector<std::string>& literals);

  /// Replaces the occurrences of the previous text. `text` must have less than 4 GiB.
  void scan(std::string_view text);

  /// The number of the literal's first occurrence in the last scanned text, or kNone. Occurrences of a
  /// literal are linked in the order of the text.
  std::uint32_t first(std::size_t literal) const { return found_[literal].first; }
  const Occurrence& occurrence(std::uint32_t number) const { return occurrences_[number]; }

 private:
  struct State {
    std::uint32_t literal = kNone;  // the longest literal that ends here
    std::uint32_t shorter = 0;      // the state of the next shorter literal that ends here; 0: none
  };
  struct Found {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };

  void add_occurrence(std::uint32_t literal, std::size_t end);

  std::vector<std::uint32_t> sizes_;
  std::array<std::uint8_t, 256> class_of_{};  // class 0: bytes that are in no literal
  std::size_t classes_ = 1;
  std::vector<std::uint32_t> next_;  // by state and class; the first state is 0
  std::vector<State> states_;
  std::vector<Found> found_;  // by literal
  std::vector<Occurrence> occurrences_;
};

}  // namespace mre
