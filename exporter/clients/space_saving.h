// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mre {

/// How many more counters the sketches of a broker may have together.
struct CounterPool {
  std::size_t left;
};

/// Counts the most frequent names of a stream in fixed memory: Space-Saving. A name that has no counter takes the
/// smallest one and continues its count; that count is then its error. So for each name in the sketch
///   count - error <= true count <= count,
/// a name that is not in the sketch has occurred at most `floor()` times, and `floor()` is at most the number of
/// events divided by the number of counters. While names fit, all counts are exact.
///
/// Source: Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams",
/// ICDT 2005. Constant time per event (amortised). One thread.
class SpaceSaving {
 public:
  /// A name, cut to what fits. Names are distinguished by their hash, so two long ones may look the same.
  class Name {
   public:
    static constexpr std::size_t kMaxBytes = 71;

    Name() = default;
    /// Cuts valid UTF-8 between two characters.
    explicit Name(std::string_view text)
        : size_(static_cast<std::uint8_t>(std::min(text.size(), kMaxBytes))) {
      const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
      if (text.size() > kMaxBytes)
        while (size_ > 0 && continues(text[size_])) --size_;
      std::copy_n(text.begin(), size_, bytes_.begin());
    }
    std::string_view text() const { return {bytes_.data(), size_}; }

   private:
    std::array<char, kMaxBytes> bytes_{};
    std::uint8_t size_ = 0;
  };

  struct Counter {
    std::uint64_t hash = 0;
    std::uint32_t count = 0;
    std::uint32_t error = 0;
    Name name;
  };

  explicit SpaceSaving(std::size_t max_counters) : max_counters_(max_counters) {}

  /// Counts one event. `hash`: of the whole name, not predictable by clients. Takes a counter from `pool` if the name
  /// is new; if the pool is empty or the sketch has all its counters, takes the smallest one.
  void add(std::uint64_t hash, std::string_view name, CounterPool& pool);

  /// In no order.
  const std::vector<Counter>& counters() const { return counters_; }
  /// The largest count that a name without a counter may have.
  std::uint32_t floor() const { return floor_; }
  std::uint64_t total() const { return total_; }  ///< Number of events.

  /// Forgets all and returns the counters to the pool.
  void clear(CounterPool& pool);

 private:
  static constexpr std::size_t kOwnCounters = 8;  // without asking the pool
  static constexpr std::uint16_t kFree = 0xFFFF;

  /// The counters are seldom in a cache: the low bits of the hash say nearly always which one it is, and all of its
  /// own place in the index.
  struct IndexEntry {
    std::uint16_t counter = kFree;  // its position in counters_
    std::uint16_t low_bits = 0;     // of its hash

    IndexEntry() = default;
    IndexEntry(std::size_t at, std::uint64_t hash)
        : counter(static_cast<std::uint16_t>(at)), low_bits(static_cast<std::uint16_t>(hash)) {}
  };

  std::size_t slot_of(std::uint64_t hash) const;
  bool grow(CounterPool& pool);
  void rebuild_index();
  void erase_from_index(std::size_t slot);
  std::size_t smallest();

  std::size_t max_counters_;
  std::vector<Counter> counters_;
  std::vector<IndexEntry> index_;  // open addressing by hash; at least twice as large as counters_
  std::size_t taken_from_pool_ = 0;
  std::size_t capacity_ = 0;  // counters for which there is room now
  std::size_t next_ = 0;      // where the search for the smallest counter continues
  std::uint32_t smallest_count_ = 0;
  std::uint32_t floor_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace mre
