// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/duplicate_filter.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

// Identities are hashes: any bits.
std::uint64_t identity(std::uint64_t i) { return (i + 1) * 0x9E3779B97F4A7C15U; }

TEST(DuplicateFilter, DetectsADuplicate) {
  DuplicateFilter seen(64);
  EXPECT_FALSE(seen.is_duplicate(identity(1)));
  EXPECT_TRUE(seen.is_duplicate(identity(1)));
  EXPECT_FALSE(seen.is_duplicate(identity(2)));
  EXPECT_TRUE(seen.is_duplicate(identity(1)));
}

TEST(DuplicateFilter, ForgetsTheOldestFirst) {
  DuplicateFilter seen(8);  // one bucket
  for (std::uint64_t i = 0; i < 9; ++i) EXPECT_FALSE(seen.is_duplicate(identity(i)));
  for (std::uint64_t i = 1; i < 9; ++i) EXPECT_TRUE(seen.is_duplicate(identity(i))) << i;
  EXPECT_FALSE(seen.is_duplicate(identity(0)));
}

TEST(DuplicateFilter, RemembersMostEventsUpToItsCapacity) {
  DuplicateFilter seen(4096);
  for (std::uint64_t i = 0; i < 2048; ++i) seen.is_duplicate(identity(i));
  int forgotten = 0;
  for (std::uint64_t i = 2048; i-- > 0;) forgotten += seen.is_duplicate(identity(i)) ? 0 : 1;
  EXPECT_LE(forgotten, 64);
}

TEST(DuplicateFilter, WithoutCapacityNothingIsADuplicate) {
  DuplicateFilter seen(0);
  EXPECT_FALSE(seen.is_duplicate(identity(1)));
  EXPECT_FALSE(seen.is_duplicate(identity(1)));
}

TEST(DuplicateFilter, ARestoredFilterForgetsTheSame) {
  DuplicateFilter seen(64);
  for (std::uint64_t i = 0; i < 300; ++i) seen.is_duplicate(identity(i * i % 211));
  ByteWriter out;
  seen.save(out);
  DuplicateFilter next(64);
  ByteReader in(out.bytes());
  next.restore(in);
  ASSERT_TRUE(in.finished());
  for (std::uint64_t i = 0; i < 300; ++i)
    ASSERT_EQ(next.is_duplicate(identity(i * 5 % 223)), seen.is_duplicate(identity(i * 5 % 223))) << i;
}

TEST(DuplicateFilter, RefusesInvalidSavedState) {
  const struct {
    const char* why;
    std::size_t capacity;
    std::vector<std::uint64_t> identities;
    bool accepted;
  } cases[] = {
      {"nothing", 8, {}, true},
      {"nothing, and no room", 0, {}, true},
      {"as many as there is room for", 8, {1, 2, 3, 4, 5, 6, 7, 8}, true},
      {"one more", 8, {1, 2, 3, 4, 5, 6, 7, 8, 9}, false},
      {"the same twice", 8, {1, 1}, false},
      {"one, and no room", 0, {1}, false},
  };
  for (const auto& c : cases) {
    ByteWriter out;
    for (const std::uint64_t one : c.identities) out.word(one);
    out.word(0);
    DuplicateFilter seen(c.capacity);
    ByteReader in(out.bytes());
    seen.restore(in);
    EXPECT_EQ(in.finished(), c.accepted) << c.why;
  }
}

}  // namespace
}  // namespace mre
