// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/topic_filter.h"

#include <gtest/gtest.h>

namespace mre::mqtt {
namespace {

TEST(TopicFilter, MatchesAsTheStandardSays) {
  const struct {
    std::string_view filter;
    std::string_view topic;
    bool matches;
  } cases[] = {
      {"a/b", "a/b", true},           {"a/b", "a", false},      {"a", "a/b", false},
      {"a/+", "a/b", true},           {"a/+", "a", false},      {"a/+", "a/", true},
      {"a/+", "a/b/c", false},        {"+/b", "a/b", true},     {"a/#", "a", true},
      {"a/#", "a/b/c", true},         {"a/#", "ab", false},     {"#", "a/b", true},
      {"#", "$SYS/x", false},         {"+/x", "$SYS/x", false}, {"$SYS/#", "$SYS/x/y", true},
      {"$SYS/+/x", "$SYS/y/x", true}, {"", "", true},           {"+", "", true},
      {"a//b", "a//b", true},         {"a/+/b", "a//b", true},  {"a/b/", "a/b", false},
  };
  for (const auto& c : cases) EXPECT_EQ(matches(c.filter, c.topic), c.matches) << c.filter << " " << c.topic;
}

TEST(TopicName, IsWhatAPublishMayCarry) {
  using namespace std::string_view_literals;
  const struct {
    std::string_view why;
    std::string_view topic;
    bool valid;
  } cases[] = {
      {"plain", "a/b"sv, true},
      {"of the broker", "$SYS/x"sv, true},
      {"one empty level", "/"sv, true},
      {"empty: an alias that was never granted", ""sv, false},
      {"NUL", "a\0b"sv, false},
      {"a wildcard", "a/#"sv, false},
      {"the other wildcard", "+"sv, false},
      {"no UTF-8", "a\xff"sv, false},
  };
  for (const auto& c : cases) EXPECT_EQ(is_topic_name(c.topic), c.valid) << c.why;
}

}  // namespace
}  // namespace mre::mqtt
