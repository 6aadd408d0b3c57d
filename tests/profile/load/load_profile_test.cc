// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "exporter/event/event_text.h"
#include "exporter/profile/profile.h"
#include "tests/support/profile_files.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

/// A profile with one rule; `rule` begins on line 7, its first key in column 5.
std::string with_rule(std::string_view rule) {
  return "profile: test\ntitle: Test\nversions: any\nsources: {log: {setting: none}}\nprotocols: {\"5\": "
         "\"5.0\"}\nrules:\n" +
         std::string(rule);
}

constexpr std::string_view kGood = R"(  - id: connack
    line: "CONNACK {client} {code}"
    code: dec
    cases: [{packet: CONNACK, direction: sent}]
    examples: [{record: CONNACK a 135, gives: [CONNACK sent unknown 0x87 explicit]}]
)";

/// Makes the version of a client known to the other rules.
const std::string kConnects = R"(  - id: connect
    line: "CONNECT v{protocol} {client}"
    connects: true
    examples: [{record: CONNECT v5 a, gives: []}]
)";

TEST(LoadProfile, AcceptsAValidProfile) {
  const auto profile = load_profile(with_rule(kGood), "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  EXPECT_EQ((*profile)->name, "test");
  EXPECT_EQ((*profile)->rules.size(), 1U);
}

TEST(LoadProfile, ErrorsNameTheProblemAndThePosition) {
  const struct {
    const char* why;
    std::string yaml;
    const char* error;  // begins with
  } cases[] = {
      {"no YAML", "profile: [", "test.yaml:1:"},
      {"an unknown key", "profil: x", "test.yaml:1:1: unknown key \"profil\""},
      {"a rule without examples", with_rule("  - {id: a, line: \"A {client}\", ignore: true}\n"),
       "test.yaml:7:5: the rule has no examples"},
      {"a broken pattern",
       with_rule("  - id: a\n    line: \"A {colour}\"\n    ignore: true\n    examples: [{record: A}]\n"),
       "test.yaml:8:11: unknown field {colour}"},
      {"a pattern that begins with a client's text",
       with_rule("  - id: a\n    line: \"{client} gone\"\n    ignore: true\n    examples: [{record: A}]\n"),
       "test.yaml:8:11: the pattern must begin with the broker's own words"},
      {"an unknown packet",
       with_rule("  - id: a\n    line: A\n    cases: [{packet: CONACK, direction: sent, code: 1}]\n    "
                 "examples: []\n"),
       "test.yaml:9:22: unknown word \"CONACK\": did you mean \"CONNACK\"?"},
      {"a code out of range",
       with_rule("  - id: a\n    line: A\n    cases: [{packet: CONNACK, direction: sent, code: 0x187}]\n    "
                 "examples: []\n"),
       "test.yaml:9:54: expected a whole number from 0 to 255"},
      {"a code for a close",
       with_rule("  - id: a\n    line: A\n    cases: [{close: tls_error, by: client, code: 0x80}]\n    "
                 "examples: []\n"),
       "test.yaml:9:50: \"code\" needs \"packet\" in the same case"},
      {"an unknown close reason",
       with_rule("  - id: a\n    line: A\n    cases: [{close: bored, by: client}]\n    examples: []\n"),
       "test.yaml:9:21: unknown word \"bored\": use one of: "},
      {"two emissions in one case",
       with_rule("  - id: a\n    line: A\n    cases: [{close: tls_error, by: client, ignore: true}]\n    "
                 "examples: []\n"),
       "test.yaml:9:13: a case emits one thing"},
      {"an unknown denied action",
       with_rule("  - id: a\n    line: A\n    cases: [{denied: PUBLISH, reason: not_authorized}]\n    "
                 "examples: []\n"),
       "test.yaml:9:22: unknown word \"PUBLISH\": use one of: publish, subscribe, connect"},
      {"a denial without its reason",
       with_rule("  - id: a\n    line: A\n    cases: [{denied: publish}]\n    examples: []\n"),
       "test.yaml:9:13: the key \"reason\" is missing"},
      {"a denial with a reason that is not an error",
       with_rule("  - id: a\n    line: A\n    cases: [{denied: publish, reason: normal_disconnection}]\n    "
                 "examples: []\n"),
       "test.yaml:9:39: unknown word \"normal_disconnection\": "},
      {"a reason without a denial",
       with_rule("  - id: a\n    line: A\n    cases: [{ignore: true, reason: not_authorized}]\n    "
                 "examples: []\n"),
       "test.yaml:9:36: \"reason\" needs \"denied\" in the same case"},
      {"or_code for a denied subscription",
       with_rule(
           "  - id: a\n    line: A\n    cases: [{denied: subscribe, reason: not_authorized, or_code: true}]\n"
           "    examples: []\n"),
       "test.yaml:9:66: \"or_code\" needs \"denied: publish\" in the same case"},
      {"an initiator without a close",
       with_rule(
           "  - id: a\n    line: A\n    cases: [{denied: publish, reason: not_authorized, by: broker}]\n    "
           "examples: []\n"),
       "test.yaml:9:59: \"by\" needs \"close\" in the same case"},
      {"a denial and a code for one event",
       with_rule("  - id: a\n    line: A\n    cases: [{denied: publish, reason: not_authorized, packet: "
                 "PUBACK}]\n    "
                 "examples: []\n"),
       "test.yaml:9:13: a case emits one thing"},
      {"a denied filter, whose code is in the SUBACK",
       with_rule("  - id: a\n    line: \"A {filter}\"\n    subscribe: filter-denied\n    cases: [{denied: "
                 "subscribe, "
                 "reason: not_authorized}]\n    examples: []\n"),
       "test.yaml:9:16: a rule with \"subscribe\" cannot have a \"denied\" case"},
      {"{code} without its spelling",
       with_rule("  - id: a\n    line: \"A {code}\"\n    cases: [{packet: CONNACK, direction: sent}]\n    "
                 "examples: []\n"),
       "test.yaml:7:5: the rule reads {code}"},
      {"a source that the profile does not list",
       with_rule(
           "  - id: a\n    line: A\n    sources: mqtt\n    ignore: true\n    examples: [{record: A}]\n"),
       "test.yaml:7:5: the rule is for the source \"mqtt\""},
      {"a duplicate id", with_rule(std::string(kGood) + std::string(kGood)),
       "test.yaml:12:5: duplicate id \"connack\" (first defined on line 7)"},
      {"an example that no rule reads",
       with_rule("  - id: a\n    line: A\n    ignore: true\n    examples: [{record: B}]\n"),
       "test.yaml:10:16: the example is read by no rule"},
      {"an example that emits other events",
       with_rule("  - id: a\n    line: \"A {code}\"\n    code: hex\n    cases: [{packet: PUBACK, direction: "
                 "sent}]\n"
                 "    examples: [{record: A 10, gives: [PUBACK sent unknown 0x0A explicit]}]\n"),
       "test.yaml:11:16: rule \"a\": the example emits PUBACK sent unknown 0x10 explicit, but \"gives\" says "
       "PUBACK sent unknown 0x0A explicit"},
      {"a counterexample that the rule reads",
       with_rule("  - id: a\n    line: \"A {client}\"\n    ignore: true\n    examples: [{record: A 1}]\n"
                 "    counterexamples: [{record: A 2}]\n"),
       "test.yaml:11:23: the counterexample is read by the rule \"a\""},
      {"a level of a source that has none",
       with_rule("  - id: a\n    level: debug\n    line: A\n    ignore: true\n    examples: [{record: A}]\n"),
       "test.yaml:8:12: the source of the rule has no \"levels\""},
      {"a level that the source does not have",
       "profile: test\ntitle: Test\nversions: any\nsources: {log: {setting: none, levels: {default: none, "
       "debug: "
       "more}}}\nrules:\n  - id: a\n    level: debg\n    line: A\n    ignore: true\n    examples: [{record: "
       "A}]\n",
       "test.yaml:7:12: unknown level \"debg\": did you mean \"debug\"?"},
      {"protocols that are not a map",
       "profile: test\ntitle: Test\nversions: any\nsources: {log: {setting: none}}\nprotocols: [5]\nrules:\n"
       "  - {id: a, line: A, ignore: true, examples: [{record: A}]}\n",
       "test.yaml:5:12: expected `key: value` lines here"},
      {"levels without an order",
       "profile: test\ntitle: Test\nversions: any\nsources: {log: {setting: none, levels: [default, "
       "debug]}}\n"
       "rules:\n  - {id: a, line: A, ignore: true, examples: [{record: A}]}\n",
       "test.yaml:4:40: expected lines `name: broker setting`"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto profile = load_profile(c.yaml, "test.yaml");
    ASSERT_FALSE(profile.has_value());
    EXPECT_EQ(profile.error().code, Errc::invalid_config);
    EXPECT_TRUE(profile.error().what.starts_with(c.error)) << profile.error().what;
  }
}

TEST(LoadProfileFile, SaysWhyAFileCannotBeRead) {
  const test::TempDir dir;
  const struct {
    const char* why;
    std::string file;
    const char* error;  // after the path
  } cases[] = {
      {"absent", dir.file("none.yaml"), ": cannot read the profile: No such file or directory; correct"},
      {"a directory", dir.path(), ": cannot read the profile: Is a directory; correct"},
      {"without end", "/dev/zero", ":1:1: "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto profile = load_profile_file(c.file);
    ASSERT_FALSE(profile);
    EXPECT_EQ(profile.error().code, Errc::invalid_config);
    EXPECT_TRUE(profile.error().what.starts_with(c.file + c.error)) << profile.error().what;
  }
  EXPECT_TRUE(load_profile_file(dir.write("good.yaml", with_rule(kGood))));
}

TEST(FindProfile, FindsEmbeddedProfilesAndListsThem) {
  for (const auto& [file, yaml] : test::profile_files()) {
    const auto profile = load_profile(yaml, file);
    ASSERT_TRUE(profile.has_value()) << profile.error().what;
    EXPECT_EQ((*profile)->name + ".yaml", file);
    EXPECT_TRUE(find_profile((*profile)->name, {}).has_value());
  }
  const auto none = find_profile("mosqitto", {});
  ASSERT_FALSE(none.has_value());
  EXPECT_NE(none.error().what.find("mosquitto"), std::string::npos) << none.error().what;
}

TEST(Coverage, IsWhatTheRulesCanEmit) {
  const auto profile = load_profile(with_rule(kConnects + std::string(kGood)), "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  const Coverage& coverage = (*profile)->coverage(SourceKind::log);
  const auto has = [&](mqtt::Protocol protocol, std::uint8_t code) {
    const ReasonEvent event{mqtt::Packet::connack, mqtt::Direction::sent, protocol, code,
                            Evidence::code_in_record};
    return std::ranges::find(coverage.codes, event) != coverage.codes.end();
  };
  EXPECT_TRUE(has(mqtt::Protocol::v5, 0x87));
  EXPECT_TRUE(has(mqtt::Protocol::unknown, 0x00));
  EXPECT_FALSE(has(mqtt::Protocol::v5, 0x10)) << "no CONNACK has 0x10";
  EXPECT_FALSE(has(mqtt::Protocol::v3_1_1, 0x05)) << "no record can make that version known";
  EXPECT_TRUE(coverage.closes.empty());
  EXPECT_TRUE((*profile)->coverage(SourceKind::mqtt).codes.empty());
}

}  // namespace
}  // namespace mre
