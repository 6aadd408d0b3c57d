// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/profile/match/line_finder.h"
#include "exporter/profile/profile.h"
#include "tests/support/worst_lines.h"

// What a line costs does not depend on how many patterns might fit it. Bytes are counted, not time: that is
// the same on every machine. bench_worst_lines measures the time.
namespace mre {
namespace {

double searched_for_each_byte(LineFinder& finder, std::string_view line) {
  const std::uint64_t before = finder.searched_bytes();
  Captures captures;
  finder.find(line, captures);
  return static_cast<double>(finder.searched_bytes() - before) / static_cast<double>(line.size());
}

TEST(WorstLine, IsSearchedOnlyAFewTimes) {
  for (const WorstLine& worst : worst_lines()) {
    const auto profile = find_profile(worst.profile, {});
    ASSERT_TRUE(profile.has_value());
    LineFinder finder(**profile, SourceKind::log);
    for (const std::size_t bytes : {500U, 8000U, 64000U})
      EXPECT_LE(searched_for_each_byte(finder, worst.of(bytes)), 8.0) << worst.profile << " " << bytes;
  }
}

TEST(WorstLine, IsSearchedTwiceForAnyNumberOfPatternsWithTwoTexts) {
  std::string yaml = R"(profile: test
title: Test
versions: any
sources: {log: {setting: none}}
rules:
)";
  for (int i = 0; i < 50; ++i) {
    const std::string words = "): IN << " + std::to_string(100 + i) + "(";
    yaml += "  - {id: r" + std::to_string(i) + ", line: 'MQTT({*}" + words +
            "{*}', ignore: true, examples: [{record: 'MQTT(a" + words + "b'}]}\n";
  }
  const auto profile = load_profile(yaml, "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  LineFinder finder(**profile, SourceKind::log);
  EXPECT_LE(searched_for_each_byte(finder, "MQTT(" + std::string(10'000, ')')), 2.0);
}

}  // namespace
}  // namespace mre
