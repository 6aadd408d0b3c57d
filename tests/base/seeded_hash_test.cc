// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/seeded_hash.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <unordered_set>

namespace mre {
namespace {

TEST(SeededHash, DependsOnEachByteOnTheLengthAndOnTheSeed) {
  std::unordered_set<std::uint64_t> hashes;
  std::size_t texts = 0;
  for (const std::uint64_t seed : {0x5EEDU, 0x5EEEU}) {
    for (std::size_t length = 0; length <= 50; ++length) {
      const std::string same(length, 'x');
      hashes.insert(seeded_hash(seed, same)), ++texts;
      for (std::size_t at = 0; at < length; ++at) {
        std::string other = same;
        other[at] = 'y';
        hashes.insert(seeded_hash(seed, other)), ++texts;
      }
    }
  }
  EXPECT_EQ(hashes.size(), texts);
  EXPECT_FALSE(hashes.contains(0));
}

TEST(SeededHash, DoesNotDependOnWhatIsAroundTheText) {
  const std::string text = "a client id of forty bytes, and its rest";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string alone = text.substr(0, length);
    const std::string around = "<" + alone + ">";
    EXPECT_EQ(seeded_hash(1, alone), seeded_hash(1, std::string_view(around).substr(1, length))) << length;
  }
}

TEST(SeededHash, ItsLowBitsSpreadNumberedClients) {
  constexpr std::size_t kBuckets = 256;
  constexpr std::size_t kClients = kBuckets * 64;
  std::array<std::size_t, kBuckets> clients{};
  for (std::size_t i = 0; i < kClients; ++i)
    ++clients[seeded_hash(7, "sensor-" + std::to_string(i)) % kBuckets];
  for (const std::size_t count : clients) {
    EXPECT_GT(count, 24U);
    EXPECT_LT(count, 112U);
  }
}

}  // namespace
}  // namespace mre
