// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/code_reader.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

constexpr Version kNone{{0xFFFF, 0xFFFF, 0xFFFF}};

TEST(Versions, AreReadLooselyFromABrokerAndStrictlyFromAProfile) {
  const struct {
    const char* text;
    Version of_broker;
    Version of_profile;
  } cases[] = {
      {"2.0.11", {{2, 0, 11}}, {{2, 0, 11}}},
      {"2.1", {{2, 1, 0}}, {{2, 1, 0}}},
      {"2", {{2, 0, 0}}, {{2, 0, 0}}},
      {"2.1-rc1", {{2, 1, 0}}, kNone},
      {"2.1.0~beta", {{2, 1, 0}}, kNone},
      {"2.1.", {{2, 1, 0}}, kNone},
      {"2..1", {{2, 0, 0}}, kNone},
      {"2.0.11.4", {{2, 0, 11}}, kNone},
      {"2:3", {{2, 0, 0}}, kNone},
      {"2.65536", {{2, 0, 0}}, kNone},
      {"65536", kNone, kNone},
      {"", kNone, kNone},
      {".1", kNone, kNone},
      {"-1", kNone, kNone},
      {"v2", kNone, kNone},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(read_version(c.text).value_or(kNone).parts, c.of_broker.parts) << c.text;
    EXPECT_EQ(version_from(c.text).value_or(kNone).parts, c.of_profile.parts) << c.text;
  }
}

}  // namespace
}  // namespace mre
