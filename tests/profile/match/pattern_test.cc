// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profile/match/shown.h"

namespace mre {
namespace {

using test::shown;
using ::testing::HasSubstr;

Pattern compiled(std::string_view source) {
  auto pattern = Pattern::compile(source);
  EXPECT_TRUE(pattern.has_value()) << source << ": " << pattern.error().what;
  return std::move(*pattern);
}

TEST(Pattern, ReadsTheBrokersWordsAroundTextOfClients) {
  constexpr std::string_view kConnack = "Sending CONNACK to {client} ({n}, {code})";
  constexpr std::string_view kConnect = "as {client} (p{protocol}, c{n}, u'{*}').";
  const struct {
    const char* why;
    std::string_view pattern;
    std::string_view line;
    bool matches;
    const char* client = "-";
    const char* code = "-";
    const char* protocol = "-";
  } cases[] = {
      {"plain", kConnack, "Sending CONNACK to a (0, 135)", true, "a", "135"},
      {"an id that imitates the end", kConnack, "Sending CONNACK to a (0, 138) (0, 0)", true, "a (0, 138)",
       "0"},
      {"an id that is a line", kConnack, "Sending CONNACK to Sending CONNACK to x (0, 1) (0, 5)", true,
       "Sending CONNACK to x (0, 1)", "5"},
      {"an empty id", kConnack, "Sending CONNACK to  (0, 5)", true, "", "5"},
      {"something after the end", kConnack, "Sending CONNACK to a (0, 135) ", false},
      {"no code", kConnack, "Sending CONNACK to a (0, )", false},
      {"no number", kConnack, "Sending CONNACK to a (x, 5)", false},
      {"cut before the end", kConnack, "Sending CONNACK to a (0, 13", false},
      {"shorter than head and tail together", "ab{*}bc", "abc", false},
      {"a word beside words of its own kind", "to {client} (m{n}, rc{code})", "to a (m1, rc135)", true, "a",
       "135"},
      {"the words, but no code after them", "to {client} (m{n}, rc{code})", "to a (m1, rc)", false},
      {"no text at all: from the left", "version {version} starting", "version 2.0.11 starting", true},
      {"two texts", kConnect, "as a (p5, c1, u'bob').", true, "a", "-", "5"},
      {"two texts, the words between them fit twice with one version", kConnect,
       "as a (p5, c1, u'x (p5, c1, u'y').", true, "?", "-", "5"},
      {"two texts, the words between them fit twice with two versions", kConnect,
       "as a (p5, c1, u'x (p4, c1, u'y').", true, "?", "-", "?"},
      {"the words between the texts are missing", kConnect, "as a (p5, c1, k60').", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    ASSERT_EQ(compiled(c.pattern).match(c.line, captures), c.matches);
    if (!c.matches) continue;
    EXPECT_EQ(shown(captures, Field::client), c.client);
    EXPECT_EQ(shown(captures, Field::code), c.code);
    EXPECT_EQ(shown(captures, Field::protocol), c.protocol);
  }
}

TEST(Pattern, MatchesTheRestAfterItsLiteralPrefix) {
  const struct {
    const char* why;
    std::string_view pattern;
    std::string_view prefix;
    bool matches_by_prefix;
    std::string_view rest;
    bool matches;
  } cases[] = {
      {"any text, nothing read of it", "Received PUBLISH from {*}", "Received PUBLISH from ", true, "", true},
      {"a field", "Received SUBSCRIBE from {client}", "Received SUBSCRIBE from ", false, "a", true},
      {"words after the text", "Client {*} is gone.", "Client ", false, "a is gone.", true},
      {"other words after the text", "Client {*} is gone.", "Client ", false, "a is here.", false},
      {"the literal prefix alone", "Reloading config.", "Reloading config.", false, "", true},
      {"more than the literal prefix", "Reloading config.", "Reloading config.", false, " ", false},
      {"no literal prefix", "{code} is the code", "", false, "7 is the code", true},
      {"the suffix overlaps the prefix", "a b{*}b c", "a b", false, " c", false},
      {"numbers after the text", "Received PUBACK from {client} (Mid: {n}, RC:{code})",
       "Received PUBACK from ", false, "a (Mid: 7, RC:16)", true},
      {"a number of more digits than a word has bytes", "Received PUBACK from {client} (Mid: {n}, RC:{code})",
       "Received PUBACK from ", false, "a (Mid: 123456789, RC:16)", true},
      {"a word instead of a number", "Received PUBACK from {client} (Mid: {n}, RC:{code})",
       "Received PUBACK from ", false, "a (Mid: seven, RC:16)", false},
      {"a number that begins in the prefix", "Received by broker 1{client} ({n})", "Received by broker 1",
       false, "2)", false},
      {"a run that the end of the literal could belong to", "Sending PUBACK to {client} (m{n}, rc{code})",
       "Sending PUBACK to ", false, "a (m1, rcrc1)", true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const Pattern pattern = compiled(c.pattern);
    EXPECT_EQ(pattern.literal_prefix(), c.prefix);
    EXPECT_EQ(pattern.matches_by_prefix(), c.matches_by_prefix);
    Captures captures;
    const std::string line = std::string(c.prefix) + std::string(c.rest);
    EXPECT_EQ(pattern.match(line, captures), c.matches);
    if (line.ends_with(pattern.literal_suffix())) {
      EXPECT_EQ(pattern.match_inside(std::string_view(line).substr(c.prefix.size()), captures), c.matches);
    }
  }
}

TEST(Captures, AddsMissingFields) {
  Captures captures;
  captures.set(Field::client, "a");
  Captures others;
  others.set(Field::client, "b");
  others.set(Field::peer, "10.0.0.1");
  captures.add(others);
  EXPECT_EQ(shown(captures, Field::client), "a");
  EXPECT_EQ(shown(captures, Field::peer), "10.0.0.1");
  EXPECT_EQ(shown(captures, Field::code), "-");
}

TEST(Pattern, AFieldForASubjectCanBeARun) {
  const auto pattern = compiled("Client {client} [{address:word}] of {user:token} with {code}");
  Captures captures;
  ASSERT_TRUE(pattern.match("Client a [::1] b [10.0.0.1:5] of [u] with 7", captures));
  EXPECT_EQ(shown(captures, Field::client), "a [::1] b");
  EXPECT_EQ(shown(captures, Field::address), "10.0.0.1:5");
  EXPECT_EQ(shown(captures, Field::user), "[u]");
  EXPECT_FALSE(pattern.match("Client a [x y] of u with 7", captures));
  const auto address = compiled("{who}@{peer:ip}");
  ASSERT_TRUE(address.match("a@b@10.0.0.1:5", captures));
  EXPECT_EQ(shown(captures, Field::who), "a@b");
  EXPECT_FALSE(address.match("a@example.com", captures));
}

TEST(Pattern, DoesNotMatchATruncatedLine) {
  const auto pattern = compiled("Sending PUBACK to {client} (m{n}, rc{code})");
  const std::string_view line = "Sending PUBACK to sensor-1 (m7, rc135)";
  Captures captures;
  ASSERT_TRUE(pattern.match(line, captures));
  for (std::size_t length = 0; length < line.size(); ++length) {
    SCOPED_TRACE(length);
    EXPECT_FALSE(pattern.match(line.substr(0, length), captures));
  }
}

TEST(Pattern, ErrorsNameTheProblem) {
  const struct {
    const char* why;
    std::string_view source;
    const char* error;
  } cases[] = {
      {"an empty pattern", "", "empty"},
      {"a field without an end", "a {client", "no '}'"},
      {"an unknown field", "a {colour}", "unknown field {colour}"},
      {"a duplicate field", "a {client} b {client}", "duplicate field {client}"},
      {"three texts", "a {client} b {*} c {*}", "more than two texts"},
      {"adjacent fields", "a {client}{code}", "two adjacent fields"},
      {"a run of a field that is counted", "a {client:word}", "{client:word}: only {user}"},
      {"an unknown run", "a {user:colour}", "{user:colour}: only {user}"},
      {"a field that runs into a literal", "a {code}b {client}", "cannot be separated"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto pattern = Pattern::compile(c.source);
    ASSERT_FALSE(pattern.has_value());
    EXPECT_THAT(pattern.error().what, HasSubstr(c.error));
  }
}

}  // namespace
}  // namespace mre
