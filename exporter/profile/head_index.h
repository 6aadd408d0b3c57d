#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mre {

/// Finds the patterns whose head begins a line.
///
/// The first bytes of the line, taken as a number, lead to the few heads that begin with the same bytes,
/// however many patterns there are; only those are compared. Heads of 16 bytes and more are found by their
/// first 16, shorter ones by their first 8, the shortest by their first. (A trie compares less, but each of
/// its steps waits for the one before: it took about three times as long.)
class HeadIndex {
 public:
  HeadIndex() = default;
  /// A pattern's number is its place in `heads`, of which none is empty. At most 65535; more are never found.
  explicit HeadIndex(std::span<const std::string_view> heads);

  /// Whether any head begins with the line's first byte; else `find` finds nothing.
  bool may_begin(std::string_view line) const {
    return !line.empty() && begins_[static_cast<unsigned char>(line.front())];
  }

  /// Calls `visit(pattern)` for each pattern whose head begins `line`, the longest head first and patterns
  /// with the same head in their order, until it returns true. Returns whether it did.
  template <class Visit>
  bool find(std::string_view line, Visit&& visit) const {
    return long_.find(line, visit) || medium_.find(line, visit) || short_.find(line, visit);
  }

 private:
  struct Head {
    std::string text;
    std::vector<std::uint16_t> patterns;
  };

  /// Heads of at least `kBytes` bytes by their first ones.
  template <std::size_t kBytes>
  class Table {
   public:
    Table() = default;
    explicit Table(std::vector<Head> heads);  // the longest first

    template <class Visit>
    bool find(std::string_view line, Visit& visit) const {
      if (line.size() < kBytes) return false;
      const std::size_t slot = slot_of(line.data());
      for (std::size_t i = slots_[slot]; i < slots_[slot + 1]; ++i) {
        const Head& head = heads_[i];
        if (!line.starts_with(head.text)) continue;
        for (const std::uint16_t pattern : head.patterns) {
          if (visit(pattern)) return true;
        }
      }
      return false;
    }

   private:
    static constexpr unsigned kBits = 8;

    static std::size_t slot_of(const char* text) {
      constexpr std::uint64_t spread = 0x9E3779B97F4A7C15U;  // odd, its bits without pattern
      if constexpr (kBytes == 1) return static_cast<unsigned char>(*text);
      std::uint64_t key = 0;
      for (std::size_t i = 0; i < kBytes; i += sizeof key) {
        std::uint64_t word = 0;
        std::memcpy(&word, text + i, sizeof word);
        key = (key ^ word) * spread;
      }
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
