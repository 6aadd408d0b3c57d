// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/prefix_index.h"

#include <gtest/gtest.h>

#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mre {
namespace {

std::vector<int> found(const PrefixIndex& index, std::string_view line) {
  std::vector<int> patterns;
  index.find(line, [&](std::uint16_t pattern) {
    patterns.push_back(pattern);
    return false;
  });
  return patterns;
}

PrefixIndex index_of(std::span<const std::string_view> prefixes,
                     std::span<const std::string_view> suffixes = {}) {
  std::vector<PrefixIndex::Row> rows;
  for (std::size_t i = 0; i < prefixes.size(); ++i)
    rows.push_back({prefixes[i], i < suffixes.size() ? suffixes[i] : std::string_view()});
  return PrefixIndex(rows);
}

TEST(PrefixIndex, FindsTheLongestPrefixFirst) {
  const std::string_view prefixes[] = {
      "Sending PUBLISH ", "Sending PUBACK to ", "Client ", "Sending ", "Client ", "Clients"};
  const PrefixIndex index = index_of(prefixes);
  using Numbers = std::vector<int>;
  EXPECT_EQ(found(index, "Sending PUBACK to a"), (Numbers{1, 3}));
  EXPECT_EQ(found(index, "Sending PUBLISH to a"), (Numbers{0, 3}));
  EXPECT_EQ(found(index, "Sending PUBLISH"), (Numbers{3}));
  EXPECT_EQ(found(index, "Client a"), (Numbers{2, 4}));
  EXPECT_EQ(found(index, "Clients"), (Numbers{5}));
  EXPECT_EQ(found(index, "Sendin"), Numbers{});
  EXPECT_EQ(found(index, ""), Numbers{});
  EXPECT_TRUE(index.may_begin("Cl"));
  EXPECT_FALSE(index.may_begin("1: Client a"));
  EXPECT_FALSE(index.may_begin(""));
}

TEST(PrefixIndex, SkipsPatternsWithAnotherSuffix) {
  const std::string_view prefixes[] = {"Client ", "Client ", "Client ", "Client ", "Client "};
  const std::string_view suffixes[] = {" disconnected.", "", ".", "d.", " left."};
  const PrefixIndex index = index_of(prefixes, suffixes);
  using Numbers = std::vector<int>;
  EXPECT_EQ(found(index, "Client a disconnected."), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(found(index, "Client a left."), (Numbers{1, 2, 4}));
  EXPECT_EQ(found(index, "Client a"), Numbers{1});
  EXPECT_EQ(found(index, "Client "), Numbers{1}) << "shorter than eight bytes";
}

TEST(PrefixIndex, FindsNothingWithoutPrefixes) {
  EXPECT_EQ(found(PrefixIndex(), "Sending PUBACK to a"), std::vector<int>{});
  EXPECT_EQ(found(index_of({}), ""), std::vector<int>{});
}

TEST(PrefixIndex, FindsTheLongestPrefixOfATextByItsFirst16Bytes) {
  constexpr int none = -1;
  const struct {
    const char* why;
    std::vector<std::string_view> prefixes;
    std::string_view text;
    int first_pattern;
  } cases[] = {
      {"a prefix of three words", {"Sending PUBLISH to "}, "Sending PUBLISH to a", 0},
      {"and nothing after it", {"Sending PUBLISH to "}, "Sending PUBLISH to ", 0},
      {"exactly 16 bytes", {"Sending PUBREL t"}, "Sending PUBREL to a", 0},
      {"four words", {"Received CONNACK on connection "}, "Received CONNACK on connection a", 0},
      {"another byte in the third",
       {"Received CONNACK on connection "},
       "Received CONNACK On connection a",
       none},
      {"a text that ends within it", {"Sending PUBLISH to "}, "Sending PUBLISH to", none},
      {"another byte after the 16th", {"Sending PUBLISH to "}, "Sending PUBLISH tO a", none},
      {"another byte before it", {"Sending PUBLISH to "}, "Sending PUBLISh to a", none},
      {"a short prefix", {"Sending PUB"}, "Sending PUBLISH to a", none},
      {"the longer of two",
       {"Sending PUBLISH to ", "Sending PUBLISH to bridge "},
       "Sending PUBLISH to bridge b",
       1},
      {"the shorter, if the longer does not fit",
       {"Sending PUBLISH to ", "Sending PUBLISH to bridge "},
       "Sending PUBLISH to a",
       0},
      {"the first pattern of several",
       {"Client connection", "Sending PUBLISH to ", "Sending PUBLISH to "},
       "Sending PUBLISH to a",
       1},
      {"no prefixes", {}, "Sending PUBLISH to a", none},
      {"an empty text", {"Sending PUBLISH to "}, "", none},
  };
  for (const auto& c : cases) {
    const PrefixIndex index = index_of(c.prefixes);
    const PrefixIndex::Prefix* const found = index.find_long(c.text);
    EXPECT_EQ(found == nullptr ? none : found->first_pattern, c.first_pattern) << c.why;
  }
}

TEST(PrefixIndex, AgreesWithComparingEveryPrefix) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto word = [&] {
    std::string text(1 + random() % 20, 'a');  // up to all lengths that are indexed separately
    for (char& c : text) c = random() % 8 == 0 ? 'b' : 'a';
    return text;
  };
  std::vector<std::string> prefixes;
  for (int i = 0; i < 200; ++i) prefixes.push_back(word());
  const PrefixIndex index = index_of(std::vector<std::string_view>(prefixes.begin(), prefixes.end()));
  for (int i = 0; i < 500; ++i) {
    const std::string line = word() + word();
    std::vector<int> expected;
    for (std::size_t length = line.size(); length > 0; --length) {
      for (std::size_t h = 0; h < prefixes.size(); ++h) {
        if (prefixes[h].size() == length && line.starts_with(prefixes[h]))
          expected.push_back(static_cast<int>(h));
      }
    }
    EXPECT_EQ(found(index, line), expected) << line;
  }
}

TEST(PrefixIndex, AgreesWithComparingEverySuffixOfOnePrefix) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto word = [&] {
    std::string text(random() % 7, 'a');  // also shorter than what the lists are chosen by, and empty
    for (char& c : text) c = random() % 3 == 0 ? 'b' : 'a';
    return text;
  };
  std::vector<std::string> suffixes;
  for (int i = 0; i < 200; ++i) suffixes.push_back(word());
  const std::vector<std::string_view> prefixes(suffixes.size(), "Client ");
  const PrefixIndex index =
      index_of(prefixes, std::vector<std::string_view>(suffixes.begin(), suffixes.end()));
  for (int i = 0; i < 500; ++i) {
    const std::string line = "Client " + word() + word();
    std::vector<int> expected;
    for (std::size_t j = 0; j < suffixes.size(); ++j) {
      if (line.ends_with(suffixes[j])) expected.push_back(static_cast<int>(j));
    }
    EXPECT_EQ(found(index, line), expected) << line;
  }
}

}  // namespace
}  // namespace mre
