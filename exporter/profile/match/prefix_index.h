// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/word_at.h"

namespace mre {

/// Finds the patterns whose literal prefix a line begins with, and whose literal suffix it may end with.
///
/// A hash of the first bytes of the line leads to the few prefixes that begin with the same bytes, however
/// many patterns there are; only those are compared. Prefixes of 16 bytes and more are hashed by their first
/// 16 bytes, shorter ones by their first 8, the shortest by their first byte. (A trie compares fewer bytes,
/// but its steps depend on each other: it took about three times as long.) Hundreds of patterns may share a
/// prefix. Of these, only the ones are visited whose suffix matches the last bytes of the line, compared as a
/// number. They are in lists by a hash of their last four bytes: 60 instructions for one of 70 suffixes, instead of 490.
class PrefixIndex {
 public:
  /// How many bytes of a suffix the index compares.
  static constexpr std::size_t kSuffixBytes = 8;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Row {
    std::string_view prefix;       ///< Not empty.
    std::string_view suffix = {};  ///< May be empty.
  };

  /// The patterns with the same prefix.
  struct Prefix {
    std::uint64_t first = 0;  // its first, second and last 8 bytes, if it has as many
    std::uint64_t second = 0;
    std::uint64_t last = 0;
    std::string text;
    std::uint32_t lists = 0;          // index in `lists_` of its first list of suffixes
    std::uint8_t list_bits = 0;       // there are two to the power of these lists
    std::uint16_t next = 0;           // number of the next one with the same hash; 0: none
    std::uint16_t first_pattern = 0;  ///< Its number.
  };

  PrefixIndex() = default;
  /// The number of a pattern is its index in `rows`. At most 65535 patterns; more are never found.
  explicit PrefixIndex(std::span<const Row> rows);

  /// Whether any prefix begins with the line's first byte. Otherwise `find` finds nothing.
  bool may_begin(std::string_view line) const {
    return !line.empty() && begins_[static_cast<unsigned char>(line.front())];
  }

  /// The longest prefix of at least 16 bytes that the text begins with; null if there is none. It and what it calls are
  /// inlined by force: as calls they cost a line about 30 instructions in a unity build.
  [[gnu::always_inline]] const Prefix* find_long(std::string_view text) const { return long_.first(text); }

  /// Calls `accepts(pattern)` for each pattern whose prefix `line` begins with, until it returns true: the
  /// longest prefix first, patterns with the same prefix in their order. Returns that pattern, or kNone.
  /// Patterns whose suffix differs from the line in the last `kSuffixBytes` are skipped.
  template <class Accepts>
  std::uint32_t find(std::string_view line, Accepts accepts) const {
    return find(line, find_long(line), accepts);
  }
  /// The same, where find_long(line) is known.
  template <class Accepts>
  std::uint32_t find(std::string_view line, const Prefix* longest, Accepts accepts) const {
    const std::uint64_t last = last_bytes(line);
    std::uint32_t found = long_.find(line, longest, [&](const Prefix& p) { return visit(p, last, accepts); });
    if (found == kNone)
      found =
          medium_.find(line, medium_.first(line), [&](const Prefix& p) { return visit(p, last, accepts); });
    if (found == kNone)
      found = short_.find(line, short_.first(line), [&](const Prefix& p) { return visit(p, last, accepts); });
    return found;
  }

 private:
  /// The last `kSuffixBytes` of a text as a number; a shorter text is padded with zeros in front.
  static std::uint64_t last_bytes(std::string_view text) {
    return text.size() >= kSuffixBytes ? word_at(text.data() + text.size() - kSuffixBytes) : padded(text);
  }
  static std::uint64_t padded(std::string_view text);
  /// The number of the list with the suffixes that end with the last four of these bytes.
  static std::uint32_t list_of(std::uint64_t last, std::uint8_t list_bits) {
    return static_cast<std::uint32_t>(((last >> 32U) * 0x9E3779B9U & 0xFFFFFFFFU) >> (32U - list_bits));
  }
  static constexpr std::size_t kListedBytes = 4;
  static constexpr std::size_t kMaxInOneList = 8;
  static constexpr std::uint8_t kListBits = 5;

  void add_list(std::span<const Row> rows, std::span<const std::uint16_t> patterns, std::uint32_t list,
                std::uint8_t list_bits);
  struct Suffix {
    std::uint64_t bytes;
    std::uint64_t mask;  // which of the bytes are part of the suffix
    std::uint16_t pattern;
  };

  template <class Accepts>
  std::uint32_t visit(const Prefix& prefix, std::uint64_t last, Accepts accepts) const {
    const std::uint32_t* const list = lists_.data() + prefix.lists + list_of(last, prefix.list_bits);
    const Suffix* const end = suffixes_.data() + list[1];
    for (const Suffix* at = suffixes_.data() + list[0]; at != end; ++at) {
      if ((last & at->mask) == at->bytes && accepts(at->pattern)) return at->pattern;
    }
    return kNone;
  }

  /// Prefixes of at least `kBytes` bytes, by a hash of their first `kBytes`.
  template <std::size_t kBytes>
  class Table {
   public:
    Table() = default;
    explicit Table(std::vector<Prefix> prefixes);  // the longest first

    /// The longest prefix of the line; null if there is none.
    [[gnu::always_inline]] const Prefix* first(std::string_view line) const {
      return line.size() < kBytes ? nullptr : search(slots_[slot_of(line.data())], line);
    }

    /// The first answer of `visit` that is not kNone, for `longest` and the shorter prefixes of the line.
    template <class Visit>
    std::uint32_t find(std::string_view line, const Prefix* longest, Visit visit) const {
      for (; longest != nullptr; longest = search(longest->next, line)) {
        if (const std::uint32_t found = visit(*longest); found != kNone) return found;
      }
      return kNone;
    }

   private:
    static constexpr unsigned kBits = 8;

    [[gnu::always_inline]] const Prefix* search(std::uint16_t number, std::string_view line) const {
      for (; number != 0; number = prefixes_.data()[number].next) {
        if (begins(line, prefixes_.data()[number])) return prefixes_.data() + number;
      }
      return nullptr;
    }

    /// Whether the line begins with the prefix. Compares words of eight bytes, which may overlap: faster than a
    /// call of memcmp.
    static bool begins(std::string_view line, const Prefix& prefix) {
      constexpr std::size_t word_bytes = sizeof(std::uint64_t);
      const std::size_t bytes = prefix.text.size();
      if constexpr (kBytes < word_bytes) return line.starts_with(prefix.text);
      if (line.size() < bytes) return false;
      const char* const text = line.data();
      if (word_at(text) != prefix.first || word_at(text + bytes - word_bytes) != prefix.last) return false;
      if (kBytes >= 2 * word_bytes && word_at(text + word_bytes) != prefix.second) return false;
      return bytes <= 3 * word_bytes || line.starts_with(prefix.text);
    }

    static std::size_t slot_of(const char* text) {
      constexpr std::uint64_t spread = 0x9E3779B97F4A7C15U;  // odd, with irregular bits
      if constexpr (kBytes == 1) return static_cast<unsigned char>(*text);
      std::uint64_t key = 0;
      for (std::size_t i = 0; i < kBytes; i += sizeof key) key = (key ^ word_at(text + i)) * spread;
      return key >> (64U - kBits);
    }

    std::vector<Prefix> prefixes_ = std::vector<Prefix>(1);  // the first is not used
    std::array<std::uint16_t, 1U << kBits> slots_{};         // by hash: number of the first prefix; 0: none
  };

  std::array<bool, 256> begins_{};  // by the first byte: whether there is a prefix
  Table<16> long_;
  Table<8> medium_;
  Table<1> short_;
  std::vector<Suffix> suffixes_;      // of all lists
  std::vector<std::uint32_t> lists_;  // the index of the first suffix of each list; the next one ends it
};

}  // namespace mre
