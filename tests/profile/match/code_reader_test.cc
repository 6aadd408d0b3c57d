// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/code_reader.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

constexpr Version kNone{{0xFFFF, 0xFFFF, 0xFFFF}};

TEST(Versions, AreReadLooselyFromABrokerAndStrictlyFromAProfile) {
  const struct {
    const char* why;
    const char* text;
    Version of_broker;
    Version of_profile;
  } cases[] = {
      {"three parts", "2.0.11", {{2, 0, 11}}, {{2, 0, 11}}},
      {"two parts", "2.1", {{2, 1, 0}}, {{2, 1, 0}}},
      {"one part", "2", {{2, 0, 0}}, {{2, 0, 0}}},
      {"text after two parts", "2.1-rc1", {{2, 1, 0}}, kNone},
      {"text after three parts", "2.1.0~beta", {{2, 1, 0}}, kNone},
      {"a point at the end", "2.1.", {{2, 1, 0}}, kNone},
      {"a missing part", "2..1", {{2, 0, 0}}, kNone},
      {"four parts", "2.0.11.4", {{2, 0, 11}}, kNone},
      {"text after one part", "2:3", {{2, 0, 0}}, kNone},
      {"a part above 16 bits", "2.65536", {{2, 0, 0}}, kNone},
      {"a first part above 16 bits", "65536", kNone, kNone},
      {"an empty text", "", kNone, kNone},
      {"a point at the beginning", ".1", kNone, kNone},
      {"a sign", "-1", kNone, kNone},
      {"a letter", "v2", kNone, kNone},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_EQ(read_version(c.text).value_or(kNone).parts, c.of_broker.parts) << c.text;
    EXPECT_EQ(version_from(c.text).value_or(kNone).parts, c.of_profile.parts) << c.text;
  }
}

}  // namespace
}  // namespace mre
