#include "exporter/profile/seen_events.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

// Identities are hashes: any bits.
std::uint64_t identity(std::uint64_t i) { return (i + 1) * 0x9E3779B97F4A7C15U; }

TEST(SeenEvents, TellsARepetition) {
  SeenEvents seen(64);
  EXPECT_FALSE(seen.again(identity(1)));
  EXPECT_TRUE(seen.again(identity(1)));
  EXPECT_FALSE(seen.again(identity(2)));
  EXPECT_TRUE(seen.again(identity(1)));
}

TEST(SeenEvents, ForgetsTheOldestFirst) {
  SeenEvents seen(8);  // one bucket
  for (std::uint64_t i = 0; i < 9; ++i) EXPECT_FALSE(seen.again(identity(i)));
  for (std::uint64_t i = 1; i < 9; ++i) EXPECT_TRUE(seen.again(identity(i))) << i;
  EXPECT_FALSE(seen.again(identity(0)));
}

TEST(SeenEvents, RemembersMostOfWhatItHasRoomFor) {
  SeenEvents seen(4096);
  for (std::uint64_t i = 0; i < 2048; ++i) seen.again(identity(i));
  int forgotten = 0;
  for (std::uint64_t i = 2048; i-- > 0;) forgotten += seen.again(identity(i)) ? 0 : 1;
  EXPECT_LE(forgotten, 64);
}

TEST(SeenEvents, WithoutRoomNothingIsARepetition) {
  SeenEvents seen(0);
  EXPECT_FALSE(seen.again(identity(1)));
  EXPECT_FALSE(seen.again(identity(1)));
}

}  // namespace
}  // namespace mre
