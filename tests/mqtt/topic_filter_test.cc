// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/topic_filter.h"

#include <gtest/gtest.h>

namespace mre::mqtt {
namespace {

TEST(TopicFilter, MatchesAsTheStandardSays) {
  const struct {
    const char* why;
    std::string_view filter;
    std::string_view topic;
    bool matches;
  } cases[] = {
      {"equal", "a/b", "a/b", true},
      {"a shorter topic", "a/b", "a", false},
      {"a longer topic", "a", "a/b", false},
      {"+ matches a level", "a/+", "a/b", true},
      {"+ needs a level", "a/+", "a", false},
      {"+ matches an empty level", "a/+", "a/", true},
      {"+ matches one level only", "a/+", "a/b/c", false},
      {"+ at the beginning", "+/b", "a/b", true},
      {"# matches its parent", "a/#", "a", true},
      {"# matches several levels", "a/#", "a/b/c", true},
      {"# needs a separator", "a/#", "ab", false},
      {"# alone", "#", "a/b", true},
      {"# does not match $", "#", "$SYS/x", false},
      {"+ does not match $", "+/x", "$SYS/x", false},
      {"# below $SYS", "$SYS/#", "$SYS/x/y", true},
      {"+ below $SYS", "$SYS/+/x", "$SYS/y/x", true},
      {"both empty", "", "", true},
      {"+ matches an empty topic", "+", "", true},
      {"an empty level", "a//b", "a//b", true},
      {"+ matches an empty level inside", "a/+/b", "a//b", true},
      {"an empty level at the end", "a/b/", "a/b", false},
  };
  for (const auto& c : cases) EXPECT_EQ(matches(c.filter, c.topic), c.matches) << c.why;
}

TEST(TopicName, IsValidInAPublish) {
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
