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

}  // namespace
}  // namespace mre
