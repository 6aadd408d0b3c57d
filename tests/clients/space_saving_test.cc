// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/space_saving.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "exporter/base/seeded_hash.h"
#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::uint64_t kSeed = 7;

/// A sketch, and the true counts beside it.
struct Compared {
  explicit Compared(std::size_t max_counters, std::size_t pooled = 100'000)
      : pool{pooled}, sketch(max_counters) {}

  void add(const std::string& name) {
    sketch.add(seeded_hash(kSeed, name), name, pool);
    ++truth[name];
  }

  void check() const {
    std::uint64_t sum = 0;
    std::map<std::string, std::uint64_t> counted;
    for (const SpaceSaving::Counter& counter : sketch.counters()) {
      const std::string name(counter.name.text());
      const std::uint64_t true_count = truth.at(name);
      EXPECT_LE(counter.count - counter.error, true_count) << name;
      EXPECT_GE(counter.count, true_count) << name;
      EXPECT_TRUE(counted.emplace(name, true_count).second) << name << " has two counters";
      sum += counter.count;
    }
    for (const auto& [name, count] : truth) {
      if (!counted.contains(name)) {
        EXPECT_LE(count, sketch.floor()) << name;
      }
    }
    EXPECT_LE(sketch.floor() * sketch.counters().size(), sum);
  }

  CounterPool pool;
  SpaceSaving sketch;
  std::map<std::string, std::uint64_t> truth;
};

TEST(SpaceSaving, CountsExactlyWhileNamesFit) {
  Compared c(64);
  std::mt19937 random(1);
  for (int i = 0; i < 10'000; ++i) c.add("client-" + std::to_string(random() % 64));
  EXPECT_EQ(c.sketch.floor(), 0U);
  EXPECT_EQ(c.sketch.total(), 10'000U);
  EXPECT_EQ(c.sketch.counters().size(), 64U);
  for (const SpaceSaving::Counter& counter : c.sketch.counters())
    EXPECT_EQ(counter.count, c.truth.at(std::string(counter.name.text())));
}

TEST(SpaceSaving, KeepsItsBoundsForAnyMixOfNames) {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    Compared c(1U << (3 + seed));
    std::mt19937 random(seed);
    for (int i = 0; i < 20'000; ++i) {
      const auto number = random() % 4 == 0 ? random() % 8 : random() % 5000;
      c.add("c" + std::to_string(number));
    }
    c.check();
  }
}

TEST(SpaceSaving, KeepsItsBoundsWhenThePoolIsEmpty) {
  Compared c(512, 24);
  for (int i = 0; i < 5000; ++i) c.add("c" + std::to_string(i % 701));
  EXPECT_EQ(c.pool.left, 0U);
  EXPECT_EQ(c.sketch.counters().size(), 32U);
  c.check();
}

TEST(SpaceSaving, ReturnsItsCountersToThePool) {
  Compared c(512, 504);
  for (int i = 0; i < 512; ++i) c.add("c" + std::to_string(i));
  EXPECT_EQ(c.pool.left, 0U);
  c.sketch.clear(c.pool);
  EXPECT_EQ(c.pool.left, 504U);
  EXPECT_TRUE(c.sketch.counters().empty());
  EXPECT_EQ(c.sketch.total(), 0U);
}

TEST(SpaceSaving, DistinguishesLongNamesThatLookTheSame) {
  Compared c(8);
  const std::string same(SpaceSaving::Name::kMaxBytes, 'x');
  c.add(same + "1");
  c.add(same + "2");
  ASSERT_EQ(c.sketch.counters().size(), 2U);
  EXPECT_EQ(c.sketch.counters()[0].name.text(), same);
}

TEST(SpaceSaving, CutsNamesBetweenCharacters) {
  for (const char* character : {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    std::string name;
    for (int i = 0; i < 80; ++i) name += character;
    const SpaceSaving::Name cut(name);
    EXPECT_TRUE(is_utf8(cut.text())) << cut.text();
    EXPECT_GT(cut.text().size() + std::string_view(character).size(), SpaceSaving::Name::kMaxBytes);
  }
}

}  // namespace
}  // namespace mre
