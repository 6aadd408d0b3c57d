// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/rate_limit.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

using std::chrono::seconds;

TEST(RateLimit, AllowsABurstAndThenOneForEachInterval) {
  const RateLimit::Clock::time_point start{seconds(1000)};
  const struct {
    const char* why;
    std::vector<int> at;  // seconds after the start
    std::string allowed;  // y or n for each
  } cases[] = {
      {"a burst", {0, 0, 0, 0, 0}, "yyynn"},
      {"slower than the rate", {0, 10, 20, 30, 40}, "yyyyy"},
      {"one more after an interval", {0, 0, 0, 9, 10, 10, 19, 20}, "yyynynny"},
      {"never more than a burst after a silence", {0, 0, 0, 100000, 100000, 100000, 100000}, "yyyyyyn"},
      {"intervals do not start at the last rejected event", {0, 0, 0, 5, 8, 10}, "yyynny"},
      {"a silence before the first event adds nothing", {100000, 100000, 100000, 100000}, "yyyn"},
  };
  for (const auto& c : cases) {
    RateLimit limit(3, seconds(10));
    std::string allowed;
    for (const int at : c.at) allowed += limit.allow(start + seconds(at)) ? 'y' : 'n';
    EXPECT_EQ(allowed, c.allowed) << c.why;
  }
}

}  // namespace
}  // namespace mre
