// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "exporter/subscribe/mqtt_options.h"

namespace mre {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMin{1'000};
constexpr milliseconds kMax{10'000};

TEST(Backoff, DoublesTheCeilingUpToTheMaximum) {
  struct {
    double random;
    std::vector<int> expected;
    const char* why;
  } const cases[] = {
      {0.0, {0, 0, 0, 0, 0, 0}, "full jitter starts at 0"},
      {0.5, {500, 1'000, 2'000, 4'000, 5'000, 5'000}, "half of 1, 2, 4, 8, 10, 10 s"},
      {0.999, {999, 1'998, 3'996, 7'992, 9'990, 9'990}, "never above the ceiling"},
  };
  for (const auto& c : cases) {
    Backoff backoff(kMin, kMax, [&] { return c.random; });
    for (const int expected : c.expected) EXPECT_EQ(backoff.next(), milliseconds(expected)) << c.why;
  }
}

TEST(Backoff, WaitsLongAfterARejection) {
  for (const double random : {0.0, 0.5, 0.999}) {
    Backoff backoff(kMin, kMax, [&] { return random; });
    EXPECT_GE(backoff.after_refusal(), kMax / 2);
    EXPECT_LE(backoff.after_refusal(), kMax);
  }
}

TEST(Backoff, StartsAgainAfterReset) {
  Backoff backoff(kMin, kMax, [] { return 0.5; });
  backoff.after_refusal();
  EXPECT_EQ(backoff.next(), milliseconds(5'000)) << "a rejection sets the ceiling to the maximum";
  backoff.reset();
  EXPECT_EQ(backoff.next(), milliseconds(500));
}

TEST(Backoff, SpreadsTheFirstWaitAfterARestart) {
  struct {
    milliseconds min;
    milliseconds max;
    std::vector<int> expected;
    const char* why;
  } const cases[] = {
      {milliseconds(1'000),
       milliseconds(60'000),
       {8'000, 16'000, 30'000, 30'000},
       "half of 16, 32, 60, 60 s"},
      {milliseconds(1'000), milliseconds(10'000), {5'000, 5'000}, "never above the maximum"},
  };
  for (const auto& c : cases) {
    Backoff backoff(c.min, c.max, [] { return 0.5; });
    EXPECT_EQ(backoff.after_restart(), milliseconds(c.expected[0])) << c.why;
    for (std::size_t i = 1; i < c.expected.size(); ++i)
      EXPECT_EQ(backoff.next(), milliseconds(c.expected[i])) << c.why;
  }
}

TEST(Backoff, WaitsShortlyAfterASilentAttempt) {
  Backoff backoff(milliseconds(1'000), milliseconds(60'000), [] { return 0.999; });
  EXPECT_EQ(backoff.after_silence(), milliseconds(999));
  for (int i = 0; i < 10; ++i) EXPECT_LE(backoff.after_silence(), milliseconds(3'000));
  EXPECT_GT(backoff.after_silence(), milliseconds(1'998));
}

/// With the default options there is at most one attempt in 30 s after a rejection. Two clients that take over
/// the same client id from each other therefore do it at most four times a minute.
TEST(Backoff, WaitsHalfAMinuteAfterARejectionByDefault) {
  const MqttOptions defaults;
  Backoff backoff(defaults.backoff_min, defaults.backoff_max, [] { return 0.0; });
  for (int i = 0; i < 10; ++i) EXPECT_GE(backoff.after_refusal(), milliseconds(30'000));
}

/// The maximum number of attempts of 100 clients in any second after the broker is available again, `outage` after
/// all of them lost it.
std::size_t busiest_second(std::uint64_t seed, milliseconds outage) {
  std::mt19937_64 engine(seed);
  const auto uniform = [&] { return static_cast<double>(engine() >> 11U) * 0x1p-53; };
  std::vector<milliseconds> arrivals;
  for (int client = 0; client < 100; ++client) {
    Backoff backoff(milliseconds(1'000), milliseconds(30'000), uniform);
    milliseconds now = backoff.after_restart();
    while (now < outage) now += backoff.next();
    arrivals.push_back(now);
  }
  std::ranges::sort(arrivals);
  std::size_t busiest = 0;
  for (std::size_t last = 0, first = 0; last < arrivals.size(); ++last) {
    while (arrivals[last] - arrivals[first] >= milliseconds(1'000)) ++first;
    busiest = std::max(busiest, last - first + 1);
  }
  return busiest;
}

TEST(Backoff, SpreadsAHundredClientsAfterABrokerRestart) {
  constexpr std::size_t kSeeds = 101;
  for (const int outage : {0, 200, 1'000, 2'000, 5'000, 10'000, 20'000, 30'000, 60'000, 300'000}) {
    std::vector<std::size_t> busiest;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
      busiest.push_back(busiest_second(seed, milliseconds(outage)));
    std::ranges::sort(busiest);
    EXPECT_LE(busiest[kSeeds / 2], 15U) << "in a typical restart of " << outage << " ms";
    EXPECT_LE(busiest.back(), 25U) << "in the worst of " << kSeeds << ", of " << outage << " ms";
  }
}

TEST(Backoff, TheSeededGeneratorStaysInItsRange) {
  const auto random = Backoff::seeded_random();
  for (int i = 0; i < 1'000; ++i) {
    const double value = random();
    EXPECT_GE(value, 0.0);
    EXPECT_LT(value, 1.0);
  }
}

TEST(Backoff, EqualBoundsAndHugeOnesDoNotOverflow) {
  Backoff same(milliseconds(5), milliseconds(5), [] { return 1.0; });
  EXPECT_EQ(same.next(), milliseconds(5));
  EXPECT_EQ(same.next(), milliseconds(5));
  Backoff huge(milliseconds(1), milliseconds(1LL << 52), [] { return 0.5; });
  for (int i = 0; i < 200; ++i) EXPECT_LE(huge.next(), milliseconds(1LL << 51));
}

}  // namespace
}  // namespace mre
