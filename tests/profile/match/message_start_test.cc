// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/message_start.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

TEST(MessageStart, KnowsTheTimeStampsOfBrokers) {
  const struct {
    const char* why;
    std::string_view stamp;
    std::string_view message;
  } cases[] = {
      {"seconds", "1795322239: ", "New connection"},
      {"ISO 8601", "2026-11-22T05:31:57: ", "New connection"},
      {"month in words", "22/Nov/2026 04:59:25: ", "New connection"},
      {"brackets and zone", "[2026-11-22 04:59:26+0000]: ", "New connection"},
      {"day and month in words", "Sun Nov 22 04:59:25 2026: ", "New connection"},
      {"none", "", "New connection from 127.0.0.1: x"},
      {"words before the first ': '", "", "Client evil: 1234: Sending"},
      {"too long to be one", "", "1234567890123456789012345678901234567890123456789012345678901234567890: x"},
      {"only the first ': ' counts", "1795322239: ", "1795322239: x"},
      {"nothing after", "", "1795322239:"},
      {"empty", "", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_EQ(time_stamp_length(std::string(c.stamp) + std::string(c.message)), c.stamp.size());
  }
}

TEST(MessageStart, ARepeatedTimeStampIsWhatItIsAlone) {
  const std::string_view lines[] = {"1795322239: a",
                                    "1795322239: b",
                                    "1795322240: c",
                                    "1795322240:  d",
                                    "2026-11-22T05:31:57: a",
                                    "2026-11-22T05:31:57: b",
                                    "2026-11-22T05:31:57 b: c",
                                    "2026-11-22T05:X1:57: b",
                                    "2026-11-22T05:31:57: ",
                                    "2026-11-22T05:31:57:",
                                    "2026-11-22T05:31",
                                    "22/Nov/2026 04:59:25: a",
                                    "[2026-11-22 04:59:26+0000]: a",
                                    "[2026-11-22 04:59:26+0000]: b",
                                    "Sun Nov 22 04:59:26 2026: a",
                                    "1: a",
                                    "a",
                                    "",
                                    "2026-11-22T05:31:57\n: a"};
  RepeatedTimeStamp stamp;
  for (const std::string_view before : lines) {
    for (const std::string_view line : lines) {
      stamp.length(before);
      EXPECT_EQ(stamp.length(line), time_stamp_length(line)) << line << " after " << before;
      EXPECT_EQ(stamp.length(std::string(line) + "\n" + std::string(before)), time_stamp_length(line))
          << line;
    }
  }
}

TEST(MessageStart, KnowsWordsThatMayBeginATimeStamp) {
  for (const std::string_view words : {"1", "[", "Mon", "Mo", "M", "Sun ", "Nov:", ""})
    EXPECT_TRUE(may_begin_time_stamp(words)) << words;
  for (const std::string_view words : {"Sending PUBLISH", "Mond", "Sund", "Client ", "Sen", "\t", "{"})
    EXPECT_FALSE(may_begin_time_stamp(words)) << words;
}

}  // namespace
}  // namespace mre
