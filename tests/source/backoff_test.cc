#include "exporter/source/backoff.h"

#include <gtest/gtest.h>

#include <vector>

namespace mre {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMin{1'000};
constexpr milliseconds kMax{10'000};

TEST(Backoff, TheCeilingDoublesUpToTheMaximum) {
  struct {
    double random;
    std::vector<int> expected;
    const char* why;
  } const cases[] = {
      {0.0, {0, 0, 0, 0, 0, 0}, "full jitter begins at 0"},
      {0.5, {500, 1'000, 2'000, 4'000, 5'000, 5'000}, "half of 1, 2, 4, 8, 10, 10 s"},
      {0.999, {999, 1'998, 3'996, 7'992, 9'990, 9'990}, "never above the ceiling"},
  };
  for (const auto& c : cases) {
    Backoff backoff(kMin, kMax, [&] { return c.random; });
    for (const int expected : c.expected) EXPECT_EQ(backoff.next(), milliseconds(expected)) << c.why;
  }
}

TEST(Backoff, ARefusalWaitsLongAtOnce) {
  for (const double random : {0.0, 0.5, 0.999}) {
    Backoff backoff(kMin, kMax, [&] { return random; });
    EXPECT_GE(backoff.after_refusal(), kMax / 2);
    EXPECT_LE(backoff.after_refusal(), kMax);
  }
}

TEST(Backoff, StartsAnewAfterReset) {
  Backoff backoff(kMin, kMax, [] { return 0.5; });
  backoff.after_refusal();
  EXPECT_EQ(backoff.next(), milliseconds(5'000)) << "a refusal leaves the ceiling at the maximum";
  backoff.reset();
  EXPECT_EQ(backoff.next(), milliseconds(500));
}

TEST(Backoff, TheSystemsGeneratorStaysInItsRange) {
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
