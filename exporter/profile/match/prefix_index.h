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
/// number.
class PrefixIndex {
 public:
  /// How many bytes of a suffix the index compares.
  static constexpr std::size_t kSuffixBytes = 8;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  PrefixIndex() = default;
  /// The number of a pattern is its index in `prefixes` and `suffixes`. A prefix must not be empty; a suffix
  /// may be. At most 65535 patterns; more are never found.
  explicit PrefixIndex(std::span<const std::string_view> prefixes,
                       std::span<const std::string_view> suffixes = {});

  /// Whether any prefix begins with the line's first byte. Otherwise `find` finds nothing.
  bool may_begin(std::string_view line) const {
    return !line.empty() && begins_[static_cast<unsigned char>(line.front())];
  }

  /// Calls `accepts(pattern)` for each pattern whose prefix `line` begins with, until it returns true: the
  /// longest prefix first, patterns with the same prefix in their order. Returns that pattern, or kNone.
  /// Patterns whose suffix differs from the line in the last `kSuffixBytes` are skipped.
  template <class Accepts>
  std::uint32_t find(std::string_view line, Accepts accepts) const {
    const std::uint64_t last = last_bytes(line);
    std::uint32_t found = long_.find(line, last, accepts);
    if (found == kNone) found = medium_.find(line, last, accepts);
    if (found == kNone) found = short_.find(line, last, accepts);
    return found;
  }

 private:
  /// The last `kSuffixBytes` of a text as a number; a shorter text is padded with zeros in front.
  static std::uint64_t last_bytes(std::string_view text) {
    return text.size() >= kSuffixBytes ? word_at(text.data() + text.size() - kSuffixBytes) : padded(text);
  }
  static std::uint64_t padded(std::string_view text);
  struct Suffix {
    std::uint64_t bytes;
    std::uint64_t mask;  // which of the bytes are part of the suffix
    std::uint16_t pattern;
  };
  struct Entry {
    std::string text;
    std::vector<Suffix> suffixes;  // one for each pattern
  };

  /// Prefixes of at least `kBytes` bytes, by their first `kBytes`.
  template <std::size_t kBytes>
  class Table {
   public:
    Table() = default;
    explicit Table(std::vector<Entry> entries);  // the longest first

    template <class Accepts>
    std::uint32_t find(std::string_view line, std::uint64_t last, Accepts accepts) const {
      if (line.size() < kBytes) return kNone;
      // Unchecked access: every line gets here.
      const std::uint16_t* const slot = slots_.data() + slot_of(line.data());
      const Entry* const end = entries_.data() + slot[1];
      for (const Entry* at = entries_.data() + slot[0]; at != end; ++at) {
        const Entry& entry = *at;
        if (!begins(line, entry.text)) continue;
        for (const Suffix& suffix : entry.suffixes) {
          if ((last & suffix.mask) == suffix.bytes && accepts(suffix.pattern)) return suffix.pattern;
        }
      }
      return kNone;
    }

   private:
    static constexpr unsigned kBits = 8;

    /// Whether the line begins with the prefix. Compares words of eight bytes, of which the last two may
    /// overlap, which is faster than a call of memcmp.
    static bool begins(std::string_view line, const std::string& prefix) {
      if (line.size() < prefix.size()) return false;
      if constexpr (kBytes < sizeof(std::uint64_t)) return line.starts_with(prefix);
      const std::size_t last = prefix.size() - sizeof(std::uint64_t);
      for (std::size_t i = 0; i < last; i += sizeof(std::uint64_t)) {
        if (word_at(line.data() + i) != word_at(prefix.data() + i)) return false;
      }
      return word_at(line.data() + last) == word_at(prefix.data() + last);
    }

    static std::size_t slot_of(const char* text) {
      constexpr std::uint64_t spread = 0x9E3779B97F4A7C15U;  // odd, with irregular bits
      if constexpr (kBytes == 1) return static_cast<unsigned char>(*text);
      std::uint64_t key = 0;
      for (std::size_t i = 0; i < kBytes; i += sizeof key) key = (key ^ word_at(text + i)) * spread;
      return key >> (64U - kBits);
    }

    std::vector<Entry> entries_;                            // by slot, the longest first in each
    std::array<std::uint16_t, (1U << kBits) + 1> slots_{};  // index of the first entry of each slot
  };

  std::array<bool, 256> begins_{};  // by the first byte: whether there is a prefix
  Table<16> long_;
  Table<8> medium_;
  Table<1> short_;
};

}  // namespace mre
