// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/profile/profile.h"

// Keys of rules that a few profiles use, each by a small profile with examples, which loading runs.
namespace mre {
namespace {

constexpr std::string_view kBeginning = R"(profile: test
title: Test
versions: any
sources: {log: {setting: none}, mqtt: {setting: none, topics: ["#"]}}
protocols: {"4": "3.1.1", "5": "5.0"}
rules:
)";

void expect_valid(std::string_view rules) {
  const auto profile = load_profile(std::string(kBeginning).append(rules), "test.yaml");
  EXPECT_TRUE(profile.has_value()) << profile.error().what;
}

TEST(RuleKeys, SignedCodes) {
  expect_valid(R"yaml(
  - id: suback
    line: "SUBACK [{codes}]"
    code: signed
    cases: [{packet: SUBACK, direction: sent, protocol: "5.0"}]
    examples:
      - {record: "SUBACK [-121]", gives: [SUBACK sent 5.0 0x87 explicit]}
      - {record: "SUBACK [1,-128,135]", gives: [SUBACK sent 5.0 0x01 explicit, SUBACK sent 5.0 0x80 explicit, SUBACK sent 5.0 0x87 explicit]}
      - {record: "SUBACK [-129]", gives: [], why: not a byte}
      - {record: "SUBACK [256]", gives: []}
      - {record: "SUBACK [--1]", gives: []}
)yaml");
}

TEST(RuleKeys, DenialsWithoutACode) {
  expect_valid(R"yaml(
  - id: connected
    line: "CONNECT {client} version {protocol}"
    connects: true
    cases: [{ignore: true}]
    examples: [{record: CONNECT a version 5, gives: []}]
  - id: denied
    line: "denied {why} of {client}"
    cases:
      - {when: {why: publish, protocol: "5.0"}, ignore: true}
      - {when: {why: publish}, denied: publish, reason: not_authorized}
      - {when: {why: subscription}, denied: subscribe, reason: topic_filter_invalid}
      - {when: {why: login}, denied: connect, reason: banned, protocol: "3.1.1"}
    examples:
      - {record: denied publish of a, gives: [denial unknown publish not_authorized]}
      - {record: denied publish of a, after: [CONNECT a version 5], gives: [], why: a code reports it}
      - {record: denied publish of a, after: [CONNECT a version 4], gives: [denial 3.1.1 publish not_authorized]}
      - {record: denied subscription of a, gives: [denial unknown subscribe topic_filter_invalid]}
      - {record: denied login of a, gives: [denial 3.1.1 connect banned]}
)yaml");
}

TEST(RuleKeys, AMemberIsMatchedByItsPrefix) {
  expect_valid(R"yaml(
  - id: gone
    topic: gone
    members: {why: reason, event: place}
    cases:
      - {when: {why_begins: ["Banned {", "Banned("]}, packet: DISCONNECT, direction: sent, protocol: "5.0", code: 0x8A}
      - {when: {event_begins: '["five"'}, packet: DISCONNECT, direction: sent, protocol: "5.0", code: 0x82}
      - {ignore: true}
    examples:
      - {topic: gone, payload: '{"reason":"Banned { words: \"x\" }"}', gives: [DISCONNECT sent 5.0 0x8A inferred]}
      - {topic: gone, payload: '{"reason":"Banned(x)"}', gives: [DISCONNECT sent 5.0 0x8A inferred]}
      - {topic: gone, payload: '{"reason":"Banned"}', gives: []}
      - {topic: gone, payload: '{"reason":"x Banned {"}', gives: [], why: not at the beginning}
      - {topic: gone, payload: '{"other":"Banned {"}', gives: [], why: no such member}
      - {topic: gone, payload: '{"place":["five","f",3]}', gives: [DISCONNECT sent 5.0 0x82 inferred], why: a list as it is written}
)yaml");
}

TEST(RuleKeys, AListMayContainAliases) {
  expect_valid(R"yaml(
  - id: gone
    line: "gone: {why}"
    cases:
      - {when: {why: [&bad [broken, bent], &old [worn]]}, packet: DISCONNECT, direction: sent, code: 0x81}
    examples:
      - {record: "gone: bent", gives: [DISCONNECT sent unknown 0x81 inferred]}
      - {record: "gone: worn", gives: [DISCONNECT sent unknown 0x81 inferred]}
  - id: went
    line: "went: {why}"
    cases:
      - {when: {why: [*old, lost]}, close: connection_closed, by: client}
      - {when: {why: *bad}, close: malformed_packet, by: broker}
    examples:
      - {record: "went: worn", gives: [close unknown connection_closed client]}
      - {record: "went: broken", gives: [close unknown malformed_packet broker]}
)yaml");
}

TEST(RuleKeys, ARuleMayNeedOnlyATopic) {
  expect_valid(R"yaml(
  - id: new
    topic: "$SYS/{*}/new"
    cases: [{packet: CONNACK, direction: sent, code: 0x00}]
    examples:
      - {topic: "$SYS/b/new", payload: 'an id', gives: [CONNACK sent unknown 0x00 inferred]}
      - {topic: "$SYS/b/new", payload: '{"broken', gives: [CONNACK sent unknown 0x00 inferred], why: the payload is not read without members}
)yaml");
}

TEST(RuleKeys, ARepeatedEventIsCountedOnce) {
  expect_valid(R"yaml(
  - id: on
    topic: "on"
    members: {client: id}
    identity: [id, session, "n"]
    connects: true
    cases: [{packet: CONNACK, direction: sent, code: 0x00}]
    examples:
      - {topic: "on", payload: '{"id":"a","session":"s","n":1}', gives: [CONNACK sent unknown 0x00 inferred]}
      - {topic: "on", payload: '{"id":"a","session":"s","n":1}', after: [{topic: "on", payload: '{"id":"a","session":"s","n":1}'}], gives: [], why: delivered twice}
      - {topic: "on", payload: '{"id":"a","session":"s","n":2}', after: [{topic: "on", payload: '{"id":"a","session":"s","n":1}'}], gives: [CONNACK sent unknown 0x00 inferred], why: another event}
      - {topic: "on", payload: '{"id":"a","session":"s"}', after: [{topic: "on", payload: '{"id":"a","session":"s"}'}], gives: [CONNACK sent unknown 0x00 inferred], why: no identity}
  - id: "off"
    topic: "off"
    members: {client: id}
    identity: [id, session, "n"]
    ends: true
    cases: [{close: normal_disconnection, by: client}]
    examples:
      - {topic: "off", payload: '{"id":"a","session":"s","n":1}', after: [{topic: "on", payload: '{"id":"a","session":"s","n":1}'}], gives: [close unknown normal_disconnection client], why: the same members in another rule are another event}
)yaml");
}

TEST(RuleKeys, OnlyAnAcceptedConnectChangesWhatIsKnownOfAClient) {
  expect_valid(R"yaml(
  - id: connect
    line: "CONNECT {client} version {protocol}"
    announces: true
    examples:
      - {record: CONNECT a version 5, gives: []}
  - id: connack
    line: "CONNACK {client} {code}"
    code: dec
    answers: true
    cases:
      - {when: {code: 0x00}, packet: CONNACK, direction: sent, connects: true}
      - {packet: CONNACK, direction: sent}
    examples:
      - {record: CONNACK a 0, gives: [CONNACK sent unknown 0x00 explicit]}
      - {record: CONNACK a 0, after: [CONNECT a version 5], gives: [CONNACK sent 5.0 0x00 explicit]}
      - {record: CONNACK a 4, after: [CONNECT a version 5, CONNACK a 0, CONNECT a version 4], gives: [CONNACK sent 3.1.1 0x04 explicit], why: the answer is for the other client}
      - {record: CONNACK a 0, after: [CONNECT a version 5, CONNECT a version 4], gives: [CONNACK sent unknown 0x00 explicit], why: it is unknown whose answer it is}
      - {record: CONNACK a 0, after: [CONNECT a version 5, CONNACK a 0], gives: [CONNACK sent unknown 0x00 explicit], why: an answer without a CONNECT}
  - id: puback
    line: "PUBACK {client} {code}"
    code: dec
    cases:
      - {when: {client: connected}, packet: PUBACK, direction: sent}
      - {ignore: true}
    examples:
      - {record: PUBACK a 0, after: [CONNECT a version 5, CONNACK a 0], gives: [PUBACK sent 5.0 0x00 explicit]}
      - {record: PUBACK a 0, after: [CONNECT a version 5, CONNACK a 135], gives: [], why: refused}
      - {record: PUBACK a 0, after: [CONNECT a version 5], gives: [], why: not accepted yet}
      - {record: PUBACK a 0, after: [CONNECT a version 5, CONNACK a 0, CONNECT a version 4], gives: [PUBACK sent 5.0 0x00 explicit], why: another client with the same id}
      - {record: PUBACK a 0, after: [CONNECT a version 5, CONNACK a 0, CONNECT a version 4, CONNACK a 5], gives: [PUBACK sent 5.0 0x00 explicit], why: the other client was refused}
      - {record: PUBACK a 0, after: [CONNECT a version 5, CONNACK a 0, CONNECT a version 4, CONNACK a 0], gives: [PUBACK sent 3.1.1 0x00 explicit], why: the other client was accepted}
)yaml");
}

TEST(RuleKeys, ACaseCanDependOnThePrecedingRecord) {
  expect_valid(R"yaml(
  - id: tls
    line: "TLS failed: {*}"
    ignore: true
    examples: [{record: "TLS failed: old"}]
  - id: late
    line: "{{late} {client}"
    cases: [{close: keep_alive_timeout, by: broker}]
    examples: [{record: "{late} a", gives: [close unknown keep_alive_timeout broker]}]
  - id: gone
    line: "gone: {client}"
    cases:
      - {when: {follows: [late, other]}, ignore: true}
      - {when: {follows: tls}, close: tls_error, by: network}
      - {close: connection_closed, by: unknown}
    examples:
      - {record: "gone: a", gives: [close unknown connection_closed unknown]}
      - {record: "gone: a", after: ["TLS failed: old"], gives: [close unknown tls_error network]}
      - {record: "gone: a", after: ["TLS failed: old", "TLS failed: older"], gives: [close unknown tls_error network]}
      - {record: "gone: a", after: ["TLS failed: old", "something else"], gives: [close unknown connection_closed unknown], why: not just before}
      - {record: "gone: a", after: ["TLS failed: old", "gone: b"], gives: [close unknown connection_closed unknown], why: it explained another end}
      - {record: "gone: a", after: ["{late} a"], gives: [], why: the same end}
      - {record: "gone: a", after: ["{late} b"], gives: [close unknown connection_closed unknown], why: about another client}
  - id: other
    line: "other"
    ignore: true
    examples: [{record: other}]
)yaml");
}

TEST(RuleKeys, AnOlderBrokerIsRecognisedByItsLines) {
  expect_valid(R"yaml(
  - id: started
    line: "started {version}"
    restarts: true
    examples: [{record: started 1.5.11, gives: []}]
  - id: newer
    line: "new {client} v{protocol}"
    connects: true
    examples: [{record: new a v5, gives: []}]
  - id: new
    line: "new {client}"
    until: "1.6"
    connects: true
    examples: [{record: new a, gives: []}]
  - id: gone
    line: "gone {client}"
    cases:
      - {when: {version: "<1.6", client: connected}, close: normal_disconnection, by: client}
      - {when: {version: ">=1.6", client: connected}, close: connection_closed, by: client}
      - {ignore: true}
    examples:
      - {record: gone a, gives: [], why: nothing is known}
      - {record: gone a, after: [new a], gives: [close unknown normal_disconnection client]}
      - {record: gone a, after: [new a, started 1.5.11], gives: [], why: a restart ends all connections}
      - {record: gone a, after: [started 1.5.11, new a v5], gives: [close 5.0 normal_disconnection client]}
      - {record: gone a, after: [started 1.5, new a v5], gives: [close 5.0 normal_disconnection client]}
      - {record: gone a, after: [started 1.6, new a v5], gives: [close 5.0 connection_closed client]}
      - {record: gone a, after: [started 2.0.22, new a], gives: [close unknown normal_disconnection client], why: a downgrade whose start is not in the log}
      - {record: gone a, after: [new b, started 1.6, new a v5], gives: [close 5.0 connection_closed client], why: an upgrade}
)yaml");
}

TEST(RuleKeys, AreRefusedWhereTheyHaveNoMeaning) {
  const struct {
    const char* why;
    std::string_view rule;
    const char* error;  // begins with
  } cases[] = {
      {"a prefix of a part of a line",
       "  - id: a\n    line: A {why}\n    cases:\n      - {when: {why_begins: x}, ignore: true}\n",
       "test.yaml:10:9: \"why_begins\" needs a member of an object"},
      {"a path for a field other than codes",
       "  - id: a\n    topic: A\n    members: {client: a/b}\n    ignore: true\n",
       "test.yaml:9:23: only \"codes\" may have a path, with two levels"},
      {"a path of three levels", "  - id: a\n    topic: A\n    members: {codes: a/b/c}\n    ignore: true\n",
       "test.yaml:9:22: only \"codes\" may have a path, with two levels"},
      {"an identity without members", "  - id: a\n    line: A\n    identity: [x]\n    ignore: true\n",
       "test.yaml:9:15: \"identity\" names members of an object"},
      {"an identity as a member", "  - id: a\n    topic: A\n    members: {identity: x}\n    ignore: true\n",
       "test.yaml:9:15: unknown field \"identity\""},
      {"an answer without a client",
       "  - id: a\n    line: A\n    answers: true\n    cases: [{ignore: true}]\n",
       "test.yaml:7:5: \"announces\" and \"answers\" need a {client}"},
      {"an unknown spelling", "  - id: a\n    line: A {code}\n    code: octal\n    cases: [{ignore: true}]\n",
       "test.yaml:9:11: unknown word \"octal\": use one of: dec, hex, name, signed"},
      {"fields of the topic in addition to members",
       "  - id: a\n    topic: A/{client}\n    members: {why: x}\n    ignore: true\n",
       "test.yaml:7:5: a rule with \"members\" cannot read fields from its topic"},
      {"members of a line", "  - id: a\n    line: A\n    members: {why: x}\n    ignore: true\n",
       "test.yaml:9:14: \"members\" are members of an object, but the rule reads a \"line\""},
      {"an unknown field", "  - id: a\n    topic: A\n    members: {colour: x}\n    ignore: true\n",
       "test.yaml:9:15: unknown field \"colour\"; known fields: client peer protocol code codes version why "
       "event "
       "message filter"},
      {"parts of a field that is counted",
       "  - id: a\n    line: A {code}\n    parts: {code: x}\n    ignore: true\n",
       "test.yaml:9:13: unknown field: only client, peer, filter"},
      {"parts that are no pattern",
       "  - id: a\n    line: A {who}\n    parts: {who: \"{x}\"}\n    ignore: true\n",
       "test.yaml:9:18: unknown field {x}"},
      {"a payload that is counted", "  - id: a\n    topic: A\n    payload: client\n    ignore: true\n",
       "test.yaml:9:14: \"payload\" needs a \"topic\" without \"members\""},
      {"a payload beside members",
       "  - id: a\n    topic: A\n    members: {why: x}\n    payload: who\n    ignore: true\n",
       "test.yaml:10:14: \"payload\" needs a \"topic\" without \"members\""},
      {"a payload of a line", "  - id: a\n    line: A\n    payload: who\n    ignore: true\n",
       "test.yaml:9:14: \"payload\" needs a \"topic\" without \"members\""},
      {"bytes that are not a map",
       "  - id: a\n    line: A {code}\n    code: dec\n    cases:\n      - {packet: CONNACK, direction: sent, "
       "bytes: [1]}\n",
       "test.yaml:11:51: expected `key: value` lines here"},
      {"a version with more than numbers", "  - id: a\n    line: A\n    since: 2.x\n    ignore: true\n",
       "test.yaml:9:12: \"2.x\" is not valid: expected a version like 2.1"},
      {"a repetition with a field that the line does not have",
       "  - id: a\n    line: A {filter}\n    subscribe: filter\n    repeated_as: \"{client} {code}\"\n    "
       "ignore: "
       "true\n",
       "test.yaml:10:18: {code} is not available here"},
      {"a repetition with a brace that is not closed",
       "  - id: a\n    line: A {filter}\n    subscribe: filter\n    repeated_as: \"{client\"\n    ignore: "
       "true\n",
       "test.yaml:10:18: a '{' has no '}'"},
      {"a condition on a version with more than numbers",
       "  - id: a\n    line: A\n    cases:\n      - {when: {version: \">=2.0.15b\"}, ignore: true}\n",
       "test.yaml:10:26: expected a version like \">=2.0.15\" or \"<1.6\""},
      {"a condition on a version that is not supported",
       "  - id: a\n    line: A\n    cases:\n      - {when: {version: \"<=1.6\"}, ignore: true}\n",
       "test.yaml:10:26: expected a version like \">=2.0.15\" or \"<1.6\""},
      {"follows with an unknown rule",
       "  - id: a\n    line: A\n    cases:\n      - {when: {follows: b}, ignore: true}\n    examples: "
       "[{record: "
       "A, gives: []}]\n",
       "test.yaml:7:5: \"follows\" names an unknown rule \"b\""},
      {"an error in an alias is reported where its value is defined",
       "  - id: a\n    line: A\n    cases: &c [{close: bored, by: client}]\n    examples: []\n  - id: b\n    "
       "line: B\n"
       "    cases: *c\n    examples: []\n",
       "test.yaml:9:24: unknown word \"bored\": use one of: "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto profile = load_profile(std::string(kBeginning).append(c.rule), "test.yaml");
    ASSERT_FALSE(profile.has_value());
    EXPECT_TRUE(profile.error().what.starts_with(c.error)) << profile.error().what;
  }
}

// The fields of a prefix apply to the message in the object after it.
TEST(RuleKeys, FieldsOfAPrefixApplyToTheObjectAfterIt) {
  const auto profile = load_profile(R"yaml(
profile: test
title: Test
versions: any
sources: {log: {setting: none}}
protocols: {"4": "3.1.1", "5": "5.0"}
prefix: "v{protocol} "
json: {message: msg}
rules:
  - id: connack
    line: "CONNACK {code}"
    code: dec
    cases: [{packet: CONNACK, direction: sent}]
    examples:
      - {record: 'v5 {"msg":"CONNACK 135"}', gives: [CONNACK sent 5.0 0x87 explicit]}
      - {record: 'v4 CONNACK 5', gives: [CONNACK sent 3.1.1 0x05 explicit]}
)yaml",
                                    "test.yaml");
  EXPECT_TRUE(profile.has_value()) << profile.error().what;
}

TEST(RuleKeys, ADenialMayHaveHadACode) {
  struct Seen : EventSink {
    std::vector<bool> or_code;
    void on_code(const ReasonEvent&) override {}
    void on_close(const CloseEvent&) override {}
    void on_denial(const DenialEvent& event) override { or_code.push_back(event.or_code); }
  } seen;
  const auto profile = load_profile(std::string(kBeginning) + R"yaml(
  - id: denied
    line: "denied {why}"
    cases:
      - {when: {why: QoS 0}, denied: publish, reason: not_authorized}
      - {when: {why: a message}, denied: publish, reason: not_authorized, or_code: true}
      - {when: {why: a large one}, denied: publish, reason: packet_too_large, or_code: true}
    examples: [{record: denied a message, gives: [denial unknown publish not_authorized]}]
)yaml",
                                    "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  const auto decoder = make_decoder(*profile, SourceKind::log);
  for (const char* line : {"denied QoS 0", "denied a message", "denied a large one"})
    decoder->decode({line, {}, false}, seen);
  EXPECT_EQ(seen.or_code, (std::vector{false, true, true}));

  std::map<std::string_view, bool> covered;  // one row each: of two cases the one that is sure
  for (const DenialEvent& event : decoder->coverage().denials)
    covered[mqtt::close_reasons()[event.reason].label] = event.or_code;
  EXPECT_EQ(decoder->coverage().denials.size(), 2U);
  EXPECT_EQ(covered,
            (std::map<std::string_view, bool>{{"not_authorized", false}, {"packet_too_large", true}}));
}

TEST(Profile, SaysWhyARecordIsNotRecognised) {
  const auto profile = load_profile(R"yaml(
profile: test
title: Test
versions: any
sources: {log: {setting: none}, mqtt: {setting: none, topics: ["events/+"]}}
prefix: "{token} "
rules:
  - id: line
    line: "known"
    ignore: true
    examples: [{record: "1 known"}]
  - id: gone
    topic: events/gone
    members: {event: is}
    cases: [{when: {event: gone}, packet: DISCONNECT, direction: sent, protocol: "5.0", code: 0x8E}]
    examples: [{topic: events/gone, payload: '{"is":"gone"}', gives: [DISCONNECT sent 5.0 0x8E inferred]}]
)yaml",
                                    "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  const struct {
    const char* why;
    Record record;
    RecordError error;
  } rows[] = {
      {"the broker's, but new", {"1 unknown", {}, false}, RecordError::no_rule},
      {"continues from another", {"known", {}, false}, RecordError::no_prefix},
      {"an event that is another's", {R"({"is":"here"})", "events/gone", false}, RecordError::no_rule},
      {"another topic of the broker", {R"({"is":"gone"})", "events/come", false}, RecordError::no_topic},
      {"a topic of clients", {"1 known", "garden", false}, RecordError::no_topic},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const SourceKind kind = row.record.topic.empty() ? SourceKind::log : SourceKind::mqtt;
    NullSink sink;
    const Decoded decoded = make_decoder(*profile, kind)->decode(row.record, sink);
    EXPECT_EQ(decoded.outcome, Outcome::unrecognised);
    EXPECT_EQ(decoded.error, row.error);
  }
}

}  // namespace
}  // namespace mre
