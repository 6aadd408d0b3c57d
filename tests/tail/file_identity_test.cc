// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/file_identity.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mre {
namespace {

using namespace std::chrono_literals;

TEST(FileIdentity, TimestampMayRepeatUntilTheClockTicks) {
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  const std::chrono::nanoseconds second = std::chrono::floor<std::chrono::seconds>(now);
  const struct {
    const char* why;
    std::chrono::nanoseconds modified;
    bool repeats;
  } cases[] = {
      {"a fraction of a second: the clock is fine, and may not have ticked", second + 999'999'999ns, true},
      {"the clock is fine and has ticked", second - 999'999'999ns, false},
      {"a whole second: the clock may have no smaller unit", second, true},
      {"or tick every other second", second - 1s, true},
      {"even that clock has ticked", second - 3s, false},
      {"the server's clock is ahead of ours", second + 60s, true},
  };
  for (const auto& c : cases) EXPECT_EQ(timestamp_may_repeat(c.modified.count()), c.repeats) << c.why;
}

}  // namespace
}  // namespace mre
