// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "exporter/base/word_at.h"

namespace mre {

/// Recognises the lines that say nothing by their first words alone: three of four lines of a debug log are a
/// PUBLISH. `find` takes about 30 instructions, the search of all patterns about 130.
///
/// Bounded: one literal prefix for each of 256 hash values of the first 16 bytes. A prefix that finds its place
/// taken is left to the search of all patterns.
class IgnoredPrefixes {
 public:
  struct Row {
    std::string_view prefix;  ///< Must outlive the table.
    bool ignored = false;     ///< Every message that begins with it is ignored, unless a longer prefix fits.
    std::uint8_t level = 0;   ///< What `find` returns.
  };

  static constexpr int kNone = -1;

  IgnoredPrefixes() = default;
  /// All literal prefixes, in the order in which patterns are tried: a row counts only if no earlier one has
  /// the same prefix. A prefix of less than 16 bytes is never found, nor is one with which a longer begins.
  explicit IgnoredPrefixes(std::span<const Row> rows);

  /// The level of the row whose prefix begins the message; kNone if there is none.
  int find(std::string_view message) const {
    if (message.size() < kKeyBytes) return kNone;
    const Slot& slot = slots_[slot_of(message.data())];
    if (slot.size < kKeyBytes || message.size() < slot.size) return kNone;
    const char* const text = message.data();
    if (word_at(text) != slot.first || word_at(text + 8) != slot.second) return kNone;
    for (std::size_t at = kKeyBytes; at < slot.size; ++at) {
      if (text[at] != slot.text[at]) return kNone;
    }
    return slot.level;
  }

 private:
  static constexpr std::size_t kKeyBytes = 16;

  struct Slot {
    std::uint64_t first = 0;  // the prefix's first 16 bytes as numbers
    std::uint64_t second = 0;
    const char* text = nullptr;
    std::uint32_t size = 0;  // 0: the slot is free
    std::uint8_t level = 0;
  };

  static std::uint8_t slot_of(const char* text) {
    constexpr std::uint64_t spread = 0x9E3779B97F4A7C15U;  // odd, its bits without pattern
    return static_cast<std::uint8_t>(((word_at(text) * spread) ^ word_at(text + 8)) * spread >> 56U);
  }

  std::array<Slot, 256> slots_{};
};

}  // namespace mre
