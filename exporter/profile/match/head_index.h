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

namespace mre {

/// Finds the patterns whose head begins a line, and whose tail may end it.
///
/// The first bytes of the line, taken as a number, lead to the few heads that begin with the same bytes,
/// however many patterns there are; only those are compared. Heads of 16 bytes and more are found by their
/// first 16, shorter ones by their first 8, the shortest by their first. (A trie compares less, but each of
/// its steps waits for the one before: it took about three times as long.) Hundreds of patterns may have one
/// head: of those only the ones are visited whose tail ends with the line's last bytes, compared as a number.
class HeadIndex {
 public:
  /// So much of a tail is compared here.
  static constexpr std::size_t kTailBytes = 8;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  HeadIndex() = default;
  /// A pattern's number is its place in `heads`, of which none is empty, and in `tails`; the tail is empty if
  /// there is none. At most 65535; more are never found.
  explicit HeadIndex(std::span<const std::string_view> heads, std::span<const std::string_view> tails = {});

  /// Whether any head begins with the line's first byte; else `find` finds nothing.
  bool may_begin(std::string_view line) const {
    return !line.empty() && begins_[static_cast<unsigned char>(line.front())];
  }

  /// Calls `accepts(pattern)` for each pattern whose head begins `line`, the longest head first and patterns
  /// with the same head in their order, until it returns true. Returns that pattern; kNone if there is none.
  /// Patterns whose tail does not end the line are left out, if its last `kTailBytes` tell.
  template <class Accepts>
  std::uint32_t find(std::string_view line, Accepts accepts) const {
    const std::uint64_t last = last_bytes(line);
    std::uint32_t found = long_.find(line, last, accepts);
    if (found == kNone) found = medium_.find(line, last, accepts);
    if (found == kNone) found = short_.find(line, last, accepts);
    return found;
  }

 private:
  static std::uint64_t word_at(const char* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    return word;
  }

  /// The last `kTailBytes` of a text as a number; where it is shorter, zeros before them.
  static std::uint64_t last_bytes(std::string_view text) {
    return text.size() >= kTailBytes ? word_at(text.data() + text.size() - kTailBytes) : padded(text);
  }
  static std::uint64_t padded(std::string_view text);
  struct Tail {
    std::uint64_t bytes;
    std::uint64_t mask;  // which of the bytes there are
    std::uint16_t pattern;
  };
  struct Head {
    std::string text;
    std::vector<Tail> tails;  // one for each pattern
  };

  /// Heads of at least `kBytes` bytes by their first ones.
  template <std::size_t kBytes>
  class Table {
   public:
    Table() = default;
    explicit Table(std::vector<Head> heads);  // the longest first

    template <class Accepts>
    std::uint32_t find(std::string_view line, std::uint64_t last, Accepts accepts) const {
      if (line.size() < kBytes) return kNone;
      // Without the library's checks of an index: each line comes by here.
      const std::uint16_t* const slot = slots_.data() + slot_of(line.data());
      const Head* const end = heads_.data() + slot[1];
      for (const Head* at = heads_.data() + slot[0]; at != end; ++at) {
        const Head& head = *at;
        if (!begins(line, head.text)) continue;
        for (const Tail& tail : head.tails) {
          if ((last & tail.mask) == tail.bytes && accepts(tail.pattern)) return tail.pattern;
        }
      }
      return kNone;
    }

   private:
    static constexpr unsigned kBits = 8;

    /// Whether the line begins with the head. In words of eight bytes, of which the last two may overlap:
    /// that takes less than the call of a comparison.
    static bool begins(std::string_view line, const std::string& head) {
      if (line.size() < head.size()) return false;
      if constexpr (kBytes < sizeof(std::uint64_t)) return line.starts_with(head);
      const std::size_t last = head.size() - sizeof(std::uint64_t);
      for (std::size_t i = 0; i < last; i += sizeof(std::uint64_t)) {
        if (word_at(line.data() + i) != word_at(head.data() + i)) return false;
      }
      return word_at(line.data() + last) == word_at(head.data() + last);
    }

    static std::size_t slot_of(const char* text) {
      constexpr std::uint64_t spread = 0x9E3779B97F4A7C15U;  // odd, its bits without pattern
      if constexpr (kBytes == 1) return static_cast<unsigned char>(*text);
      std::uint64_t key = 0;
      for (std::size_t i = 0; i < kBytes; i += sizeof key) key = (key ^ word_at(text + i)) * spread;
      return key >> (64U - kBits);
    }

    std::vector<Head> heads_;                               // by slot, in each the longest first
    std::array<std::uint16_t, (1U << kBits) + 1> slots_{};  // where the heads of each slot begin
  };

  std::array<bool, 256> begins_{};  // by the first byte: whether there is any head
  Table<16> long_;
  Table<8> medium_;
  Table<1> short_;
};

}  // namespace mre
