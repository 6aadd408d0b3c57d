// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/literal_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace mre {
namespace {

using Positions = std::vector<std::vector<std::size_t>>;  // by literal

Positions found(LiteralSearch& search, std::size_t literals, std::string_view text) {
  search.scan(text);
  Positions positions(literals);
  for (std::size_t i = 0; i < literals; ++i) {
    for (auto p = search.first(i); p != LiteralSearch::kNone; p = search.occurrence(p).next)
      positions[i].push_back(search.occurrence(p).at);
  }
  return positions;
}

Positions expected(const std::vector<std::string>& literals, std::string_view text) {
  Positions positions(literals.size());
  for (std::size_t i = 0; i < literals.size(); ++i) {
    for (auto at = text.find(literals[i]); at != std::string_view::npos; at = text.find(literals[i], at + 1))
      positions[i].push_back(at);
  }
  return positions;
}

TEST(LiteralSearch, FindsAllOccurrencesOfAllLiterals) {
  const struct {
    const char* why;
    std::vector<std::string> literals;
    const char* text;
  } cases[] = {
      {"one after another", {"): IN << ", "): OUT >> "}, "MQTT(a): IN << x): OUT >> y): IN << "},
      {"nowhere", {"abc"}, "ab ab bc"},
      {"an empty text", {"a"}, ""},
      {"the whole text", {"abc"}, "abc"},
      {"overlapping itself", {"aa"}, "aaaaa"},
      {"one is the end of another", {"abcd", "bcd", "d"}, "abcd bcd abcabcd"},
      {"one is inside of another", {"abcd", "bc"}, "abcabcd"},
      {"one is the begin of another", {"ab", "abc"}, "ababc"},
      {"bytes of no literal between",
       {"ab"},
       "a\xFF"
       "b ab\xC3"},
      {"no literal at all", {}, "abc"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    LiteralSearch search(c.literals);
    EXPECT_EQ(found(search, c.literals.size(), c.text), expected(c.literals, c.text));
  }
}

TEST(LiteralSearch, AgreesWithSeparateSearches) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto text = [&](std::size_t max) {
    std::string made(1 + random() % max, 'a');
    for (char& c : made) c = static_cast<char>('a' + random() % 3);
    return made;
  };
  for (int i = 0; i < 200; ++i) {
    std::vector<std::string> literals;
    for (int j = 0; j < 8; ++j) {
      std::string one = text(5);
      if (std::ranges::find(literals, one) == literals.end()) literals.push_back(std::move(one));
    }
    LiteralSearch search(literals);
    for (int j = 0; j < 5; ++j) {
      const std::string where = text(60);
      EXPECT_EQ(found(search, literals.size(), where), expected(literals, where)) << where;
    }
  }
}

}  // namespace
}  // namespace mre
