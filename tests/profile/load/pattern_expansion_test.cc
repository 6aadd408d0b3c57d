// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/pattern_expansion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/profile/profile.h"

// Optional and alternative words of patterns: their expansion, and lines that match more than one
// expansion.
namespace mre {
namespace {

using ::testing::HasSubstr;

TEST(ExpandAlternatives, GivesOnePatternForEachCombinationAllWordsFirst) {
  const struct {
    const char* why;
    std::string_view source;
    std::vector<std::string> expansions;
  } cases[] = {
      {"nothing to choose", "a {client} b", {"a {client} b"}},
      {"an escaped brace is not a group", "{{?a}", {"{{?a}"}},
      {"optional words", "a{? b}.", {"a b.", "a."}},
      {"optional words with a field", "'[{?{word} }ClientID=", {"'[{word} ClientID=", "'[ClientID="}},
      {"alternatives", "{:Sent|Received} a", {"Sent a", "Received a"}},
      {"an alternative with a field", "{:rc{code}|no code}", {"rc{code}", "no code"}},
      {"two groups", "{?a}{:b|c}", {"ab", "ac", "b", "c"}},
      {"a group in a group", "x{? y{? z}}", {"x y z", "x y", "x"}},
      {"a bar outside of alternatives is a bar", "a | b{? | c}", {"a | b | c", "a | b"}},
      {"an escaped brace in a group", "{?{{a }b", {"{{a b", "b"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto expansions = expand_alternatives(c.source);
    ASSERT_TRUE(expansions.has_value()) << expansions.error().what;
    EXPECT_EQ(*expansions, c.expansions);
  }
}

TEST(ExpandAlternatives, ErrorsNameTheProblem) {
  const struct {
    const char* why;
    std::string_view source;
    const char* error;
  } cases[] = {
      {"optional words without an end", "a{? b", "a '{?' has no '}'"},
      {"alternatives without an end", "a{:b|c", "a '{:' has no '}'"},
      {"a field without an end", "a{b", "a '{' has no '}'"},
      {"no optional words", "a{?}", "'{?}' is empty"},
      {"an empty alternative", "a{:b|}", "an alternative is empty"},
      {"a single alternative", "a{:b}", "one alternative is not enough"},
      {"too many combinations", "{?a}{?b}{?c}{?d}{?e}{?f}{?g}", "more than 64 patterns"},
      {"nested too deeply", "{?{?{?{?{?{?{?{?{?a}}}}}}}}}", "nested more than 8 levels deep"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto expansions = expand_alternatives(c.source);
    ASSERT_FALSE(expansions.has_value());
    EXPECT_THAT(expansions.error().what, HasSubstr(c.error));
  }
}

std::string with(std::string_view head, std::string_view rules) {
  return "profile: test\ntitle: Test\nversions: any\nsources: {log: {setting: none}}\nprotocols: {\"4\": "
         "\"3.1.1\", \"5\": \"5.0\"}\n" +
         std::string(head) + "rules:\n" + std::string(rules);
}

void expect_valid_profile(const std::string& yaml) {
  const auto profile = load_profile(yaml, "test.yaml");
  EXPECT_TRUE(profile.has_value()) << profile.error().what;
}

TEST(OptionalWords, MatchWithAndWithoutThem) {
  expect_valid_profile(with("", R"yaml(
  - id: connect
    line: "{:New|Another} client {client} v{protocol}"
    connects: true
    examples: [{record: "New client a v5", gives: []}, {record: "Another client a v5", gives: []}]
    counterexamples: [{record: "Old client a v5"}]
  - id: removed
    line: "Removing client '[{?{word} }ClientID='{client}', fd={n}]'. Reason(s): {?Protocol error: }{why}"
    cases: [{when: {why: keepalive}, close: keep_alive_timeout, by: broker}]
    examples:
      - {record: "Removing client '[ClientID='a', fd=1]'. Reason(s): keepalive", gives: [close unknown keep_alive_timeout broker]}
      - {record: "Removing client '[ClientID='a', fd=1]'. Reason(s): Protocol error: keepalive", gives: [close unknown keep_alive_timeout broker]}
      - {after: ["New client a v5"], record: "Removing client '[Bridge ClientID='a', fd=1]'. Reason(s): keepalive", gives: [close 5.0 keep_alive_timeout broker]}
    counterexamples:
      - {record: "Removing client '[Bridge ClientID='a', fd=1]'. Reason(s): Protocol error: Protocol error: keepalive"}
      - {record: "Removing client '[ Bridge ClientID='a', fd=1]'. Reason(s): keepalive"}
)yaml"));
}

TEST(OptionalWords, ThatAClientCanImitateMakeAdjacentFieldsAmbiguous) {
  expect_valid_profile(with("", R"yaml(
  - id: connect
    line: "New client {client} v{protocol}"
    connects: true
    examples: [{record: "New client a v5", gives: []}]
  - id: gone
    line: "Client {client}{? on port {n}} is gone."
    cases: [{close: connection_closed, by: client}]
    examples:
      - {after: ["New client a v5"], record: "Client a is gone.", gives: [close 5.0 connection_closed client]}
      - {after: ["New client a v5"], record: "Client a on port 1 is gone.", gives: [close unknown connection_closed client], why: "or a client of the id 'a on port 1'"}
  - id: refused
    line: "Refused {client}{? again} with {code} for {*}"
    code: dec
    cases: [{packet: CONNACK, direction: sent}]
    examples:
      - {record: "Refused a again with 135 for x", gives: [CONNACK sent unknown 0x87 explicit]}
      - {record: "Refused a with 134 for x again with 135 for y", gives: [], why: "134 without the word, 135 with it"}
)yaml"));
}

TEST(OptionalWords, ThatAreInvalidAreRefusedWithTheirPosition) {
  const struct {
    const char* why;
    std::string line;
    const char* error;
  } cases[] = {
      {"one expansion begins with a field", "{?Client }{word} gone",
       "test.yaml:8:11: the pattern must begin with the broker's own words"},
      {"one expansion has two adjacent fields", "Client {word}{? }{n}",
       "test.yaml:8:11: two adjacent fields: write the broker's words between them, in the expansion "
       "\"Client "
       "{word}{n}\""},
      {"too many expansions", "a{?b}{?b}{?b}{?b}{?b}{?b}{?b}",
       "test.yaml:8:11: the optional and alternative words expand to more than 64 patterns"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto profile = load_profile(
        with("", "  - id: a\n    line: \"" + c.line + "\"\n    ignore: true\n    examples: [{record: A}]\n"),
        "test.yaml");
    ASSERT_FALSE(profile.has_value());
    EXPECT_THAT(profile.error().what, ::testing::StartsWith(c.error));
  }
}

constexpr std::string_view kRule =
    "  - {id: a, line: A, cases: [{close: tls_error, by: broker}], examples: [{record: '[1] A', gives: "
    "[close "
    "unknown tls_error broker]}, {record: '[1] [T 2] A', gives: [close unknown tls_error broker]}]}\n";

TEST(PrefixMap, CanNameItsReleases) {
  const auto profile = load_profile(with(R"yaml(
prefix:
  - line: "[{n}] {?[{?FlashMQ }T {n}] }"
    releases: 1.12 and later
    examples: ["[1] A", "[1] [T 2] A", "[1] [FlashMQ T 2] A"]
    counterexamples: "1 A"
  - "{n} "
)yaml",
                                         kRule),
                                    "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  ASSERT_EQ((*profile)->prefixes.size(), 2U);
  EXPECT_EQ((*profile)->prefixes[0].releases, "1.12 and later");
  EXPECT_EQ((*profile)->prefixes[0].patterns.size(), 3U);
}

TEST(PrefixMap, IsTheFirstThatTheLineBeginsWith) {
  const auto profile = load_profile(with(R"yaml(
prefix:
  - "{n} [{event}] x{n}: "
  - "{n} [{event}] {?y }z "
  - "{n} [{event}] "
  - "{n} {event} y "
  - "{word} "
  - "[{n}] {?[T {n}] }"
)yaml",
                                         kRule),
                                    "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  const struct {
    const char* line;
    int prefix;  // -1: none
    std::size_t length;
    const char* event;
  } cases[] = {
      {"1 [a] x2: A", 0, 10, "a"}, {"1 [a] x: A", 2, 6, "a"}, {"1 [a] y z A", 1, 10, "a"},
      {"1 [a] z A", 1, 8, "a"},    {"1 [a] y A", 2, 6, "a"},  {"1 [a", 4, 2, nullptr},
      {"1 b y A", 3, 6, "b"},      {"1 b A", 4, 2, nullptr},  {"b [a] z A", 4, 2, nullptr},
      {"[1] A", 5, 4, nullptr},    {"[a] A", -1, 0, nullptr}, {"", -1, 0, nullptr},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.line);
    Captures captures;
    const auto [prefix, length] = (*profile)->find_prefix(c.line, captures);
    EXPECT_EQ(prefix, c.prefix < 0 ? nullptr : &(*profile)->prefixes[static_cast<std::size_t>(c.prefix)]);
    EXPECT_EQ(length, c.length);
    EXPECT_EQ(captures.has(Field::event), c.event != nullptr);
    EXPECT_EQ(captures.text_or_empty(Field::event), c.event == nullptr ? "" : c.event);
  }
}

TEST(PrefixMap, ErrorsNameTheProblemAndThePosition) {
  const struct {
    const char* why;
    const char* prefix;  // begins in line 6
    const char* error;
  } cases[] = {
      {"an unknown key of a prefix", "prefix: {line: '[{n}] ', release: 1}\n",
       "test.yaml:6:26: unknown key \"release\""},
      {"no releases", "prefix: {line: '[{n}] ', examples: ['[1] A']}\n",
       "test.yaml:6:9: the key \"releases\""},
      {"no examples", "prefix: {line: '[{n}] ', releases: 1}\n", "test.yaml:6:9: the key \"examples\""},
      {"a client's text", "prefix: {line: '[{*}] ', releases: 1, examples: ['[1] A']}\n",
       "test.yaml:6:16: a prefix is the broker's own text"},
      {"an example without the prefix", "prefix: {line: '[{n}] ', releases: 1, examples: ['1 A']}\n",
       "test.yaml:6:50: the example does not begin with a prefix"},
      {"an example that an earlier prefix matches",
       "prefix: ['[{n}] ', {line: '[{n}] {?[T {n}] }', releases: 1, examples: ['[1] [T 1] A']}]\n",
       "test.yaml:6:72: the example begins with an earlier prefix"},
      {"a counterexample with the prefix",
       "prefix: {line: '[{n}] ', releases: 1, examples: ['[1] A'], counterexamples: ['[2] A']}\n",
       "test.yaml:6:78: the counterexample begins with the prefix"},
      {"a prefix with 34 elements",
       "prefix: '{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n}.{n} '\n",
       "test.yaml:6:9: a prefix with more than 32 fields and words between them is not supported"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto profile = load_profile(with(c.prefix, kRule), "test.yaml");
    ASSERT_FALSE(profile.has_value());
    EXPECT_THAT(profile.error().what, ::testing::StartsWith(c.error));
  }
}

}  // namespace
}  // namespace mre
