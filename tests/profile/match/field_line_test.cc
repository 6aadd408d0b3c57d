// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/field_line.h"

#include <gtest/gtest.h>

#include "exporter/profile/profile.h"
#include "tests/profile/match/shown.h"

// Lines of `key: value, key: value`: their members in any order, and the keys that clients forge.
namespace mre {
namespace {

using test::shown;

const std::vector<Member> kWantedFields = {
    {Field::event, "msg"}, {Field::client, "clientid"}, {Field::message, "reason"}};
const std::vector<std::string> kFirst = {"tag", "clientid", "msg", "peername"};

bool read_fields(std::string_view text, std::span<const std::string> first, Captures& captures) {
  FieldLine line;
  line.scan(text, first);
  return line.read(kWantedFields, captures);
}

TEST(FieldLine, ReadsWantedMembersInAnyOrder) {
  const struct {
    const char* why;
    std::string_view text;
    const char* event;
    const char* client;
    const char* message;
  } cases[] = {
      {"as one release writes them",
       "tag: AUTHN, clientid: a, msg: failed, peername: 1.2.3.4:5, reason: banned", "failed", "a", "banned"},
      {"as another does", "msg: failed, peername: 1.2.3.4:5, clientid: a, reason: banned, x: 1", "failed",
       "a", "banned"},
      {"a key that is unknown", "clientid: a, msg: failed, newKey_2: x y, reason: banned", "failed", "a",
       "banned"},
      {"a value with commas, colons and braces", "clientid: a,b: {c, d}, msg: failed, reason: {a, b:c}",
       "failed", "a,b: {c, d}", "{a, b:c}"},
      {"an empty value", "clientid: , msg: failed, reason: ", "failed", "", ""},
      {"a missing one", "msg: failed, reason: banned", "failed", "-", "banned"},
      {"quotes, blanks and capitals make no key", "clientid: a, 'b': c, D: e, f g: h, msg: failed", "failed",
       "a, 'b': c, D: e, f g: h", "-"},
      {"no field at all", "Supervisor died", "-", "-", "-"},
      {"a client before a key that is unknown: it may be a part of its id", "msg: failed, clientid: a, b: c",
       "failed", "?", "-"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    EXPECT_TRUE(read_fields(c.text, kFirst, captures));
    EXPECT_EQ(shown(captures, Field::event), c.event);
    EXPECT_EQ(shown(captures, Field::client), c.client);
    EXPECT_EQ(shown(captures, Field::message), c.message);
  }
}

TEST(FieldLine, RefusesFieldsThatAClientMayHaveForged) {
  const struct {
    const char* why;
    std::string_view text;
  } cases[] = {
      {"a wanted key twice", "clientid: a, msg: failed, username: u, reason: banned, reason: normal"},
      {"twice with one value", "clientid: a, msg: failed, username: u, reason: banned, reason: banned"},
      {"the message in the client id", "clientid: a, reason: banned, msg: failed"},
      {"the event in the client id, beside the true one", "clientid: a, msg: failed, msg: other, reason: x"},
      {"the event after a key that it precedes", "clientid: a, x: y, msg: failed, reason: banned"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    EXPECT_FALSE(read_fields(c.text, kFirst, captures));
  }
}

TEST(FieldLine, ReadsKeysForASubjectOnlyWhereNoClientCanHaveAddedThem) {
  const std::vector<Member> wanted = {{Field::event, "msg"},
                                      {Field::client, "clientid"},
                                      {Field::user, "username"},
                                      {Field::who, "clientid"}};
  const struct {
    const char* why;
    std::string_view text;
    const char* user;
    const char* who;
  } cases[] = {
      {"as the broker writes them", "clientid: a, msg: failed, peername: b, username: u, pid: c", "u", "a"},
      {"a first key at the end", "clientid: a, msg: failed, peername: b, username: u, tag: c", "u", "a"},
      {"without one", "clientid: a, msg: failed, peername: b, pid: c", "-", "a"},
      {"twice", "clientid: a, msg: failed, username: u, username: v", "?", "?"},
      {"another key twice", "clientid: a, msg: failed, peername: b, pid: c, username: u, pid: d", "?", "?"},
      {"in front of a first key", "clientid: a, x: y, peername: b, username: u, pid: c", "?", "?"},
      {"in a client id at the end of the first keys", "msg: failed, clientid: a, username: u", "?", "?"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    FieldLine line;
    line.scan(c.text, kFirst);
    Captures captures;
    EXPECT_TRUE(line.read(wanted, captures));
    EXPECT_EQ(shown(captures, Field::user), c.user);
    EXPECT_EQ(shown(captures, Field::who), c.who);
  }
}

TEST(FieldLine, HasNoOrderIfNoFirstKeysAreGiven) {
  Captures captures;
  EXPECT_TRUE(read_fields("x: y, reason: banned, msg: failed, clientid: a", {}, captures));
  EXPECT_EQ(shown(captures, Field::event), "failed");
}

TEST(FieldLine, IsReadInLinearTime) {
  std::string text = "clientid: a, msg: failed, username: ";
  for (int i = 0; i < 200'000; ++i) text += ", aaaa";
  text += ", reason: banned";
  Captures captures;
  EXPECT_TRUE(read_fields(text, kFirst, captures));
  EXPECT_EQ(shown(captures, Field::message), "banned");
}

constexpr std::string_view kHead = R"yaml(profile: test
title: Test
versions: any
sources: {log: {setting: none}}
prefix:
  - {line: "{token} [{word}] ", releases: any, fields: [clientid, msg], foreign: "@{peer} [", examples: ["1 [info] msg: gone"],
     counterexamples: ["1 [info] Msg: gone", "1 [info] peername: x, msg: gone"]}
)yaml";

void expect_holds(std::string_view rest) {
  const auto profile = load_profile(std::string(kHead).append(rest), "test.yaml");
  EXPECT_TRUE(profile.has_value()) << profile.error().what;
}

TEST(FieldPrefix, ItsMembersAreReadByTheFormsOfJson) {
  expect_holds(R"yaml(
json:
  - {event: msg, client: clientid, message: reason}
  - {client: clientid, message: msg}
rules:
  - id: ended
    line: "{{shutdown,{why}}"
    cases:
      - {when: {event: terminate, why: kicked}, close: administrative_action, by: broker}
    examples:
      - {record: '1 [info] clientid: a, msg: terminate, peername: b, reason: {shutdown,kicked}', gives: [close unknown administrative_action broker]}
      - {record: '{"clientid":"a","msg":"terminate","reason":"{shutdown,kicked}"}', gives: [close unknown administrative_action broker], why: as JSON}
    counterexamples:
      - {record: '1 [info] clientid: a, msg: terminate, username: u, reason: {shutdown,kicked}, reason: {shutdown,normal}', gives: []}
  - id: started
    line: "started"
    ignore: true
    examples: [{record: '1 [info] msg: started'}]
)yaml");
}

TEST(FieldPrefix, ItsMembersAreReadByRulesForObjects) {
  expect_holds(R"yaml(
rules:
  - id: ended
    object: true
    members: {event: msg, why: reason}
    cases:
      - {when: {event: terminate, why: kicked}, close: administrative_action, by: broker}
    examples:
      - {record: '1 [info] clientid: a, msg: terminate, reason: kicked', gives: [close unknown administrative_action broker]}
    counterexamples:
      - {record: '1 [info] clientid: a, msg: started, reason: kicked'}
      - {record: '1 [info] Msg: terminate, reason: kicked'}
  - id: attacked
    object: true
    members: {event: msg, why: reason}
    cases: [{when: {event: other}, ignore: true}]
    examples:
      - {record: '1 [info] clientid: a, msg: other, reason: kicked', gives: []}
)yaml");
}

TEST(FieldPrefix, AForgedKeyMakesTheRecordAmbiguous) {
  const auto profile = load_profile(std::string(kHead) + R"yaml(
json: {event: msg, message: reason}
rules:
  - {id: a, line: "{why}", cases: [{when: {event: failed, why: banned}, close: banned, by: broker}],
     examples: [{record: '1 [info] msg: failed, reason: banned', gives: [close unknown banned broker]}]}
)yaml",
                                    "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  const struct {
    const char* why;
    const char* line;
    RecordError error;
  } cases[] = {
      {"as the broker writes it", "1 [info] msg: failed, reason: banned", RecordError::none},
      {"a key twice", "1 [info] msg: failed, user: u, reason: banned, reason: x", RecordError::ambiguous},
      {"a line of another release", "1 [info] msg: failed, reason: banned, x: @1.2.3.4:5 [MQTT] y",
       RecordError::ambiguous},
      {"not quite", "1 [info] msg: failed, user: @1.2.3.4:5[MQTT] [x, reason: banned", RecordError::none},
      {"many that are not quite",
       "1 [info] msg: failed, user: @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@, "
       "reason: banned",
       RecordError::ambiguous},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    NullSink sink;
    const Decoded decoded = make_decoder(*profile, SourceKind::log)->decode({c.line, {}, false}, sink);
    EXPECT_EQ(decoded.error, c.error);
    EXPECT_EQ(decoded.outcome, c.error == RecordError::none ? Outcome::matched : Outcome::malformed);
  }
  EXPECT_EQ(outcome_of(RecordError::ambiguous), Outcome::malformed);
}

// RabbitMQ repeats what it writes before a record on each line of it, to the microsecond; its releases up to
// 3.8 do not, and two of their records have one millisecond in common.
TEST(RepeatedPrefix, ContinuesThePrecedingLineIfThePrefixRepeats) {
  const auto profile = load_profile(R"yaml(profile: test
title: Test
versions: any
sources: {log: {setting: none}}
prefix:
  - {line: "{n}:{n}.{n} <{n}> ", releases: old, examples: ["1:2.100 <7> gone: a"]}
  - {line: "{n}:{n}.{n}Z <{n}> ", releases: new, repeats: true, examples: ["1:2.100123Z <7> gone: a"]}
rules:
  - {id: gone, line: "gone: {*}", cases: [{close: connection_closed, by: client}], examples: [{record: "1:2.100 <7> gone: a", gives: [close unknown connection_closed client]}]}
)yaml",
                                    "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  const struct {
    const char* why;
    const char* lines[2];
    Outcome second;
  } cases[] = {
      {"two records of a millisecond", {"1:2.100 <7> gone: a", "1:2.100 <7> gone: a"}, Outcome::matched},
      {"one record of two lines",
       {"1:2.100123Z <7> gone: a", "1:2.100123Z <7> gone: a"},
       Outcome::unrecognised},
      {"of another microsecond", {"1:2.100123Z <7> gone: a", "1:2.100124Z <7> gone: a"}, Outcome::matched},
      {"of another process", {"1:2.100123Z <7> gone: a", "1:2.100123Z <8> gone: a"}, Outcome::matched},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto decoder = make_decoder(*profile, SourceKind::log);
    NullSink sink;
    EXPECT_EQ(decoder->decode({c.lines[0], {}, false}, sink).outcome, Outcome::matched);
    EXPECT_EQ(decoder->decode({c.lines[1], {}, false}, sink).outcome, c.second);
  }
}

}  // namespace
}  // namespace mre
