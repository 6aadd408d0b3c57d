// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/profile/profile.h"

// What a profile of a log can say beyond plain lines. The profile's own examples are the assertions: it does
// not load if one of them fails.
namespace mre {
namespace {

void expect_holds(const std::string& rules, const std::string& head) {
  const auto profile =
      load_profile("profile: test\ntitle: Test\nversions: any\nsources: {log: {setting: none}}\n" + head +
                       "protocols: {V_5: \"5.0\"}\nrules:\n" + rules,
                   "test.yaml");
  EXPECT_TRUE(profile.has_value()) << profile.error().what;
}

TEST(LogProfile, APrefixIsRequiredInFrontOfEachMessage) {
  expect_holds(R"yaml(
  - id: closed
    line: "Closed {client}: {name}"
    code: name
    cases: [{packet: DISCONNECT, direction: sent, protocol: "5.0"}]
    examples:
      - {record: "2026-11-22 10:00:00 [info] <0.1.0> Closed a: Not authorized", gives: [DISCONNECT sent 5.0 0x87 explicit]}
      - {record: "2026-11-22 10:00:00 [info] <0.1.0> Closed a: Banned: Not authorized", gives: [DISCONNECT sent 5.0 0x87 explicit], why: an id that imitates the end}
      - {record: "2026-11-22 10:00:00 [info] <0.1.0> Closed a: Bored", gives: [], why: no name of a code}
    counterexamples:
      - {record: "Closed a: Banned", why: the rest of a record that a client broke with a newline}
      - {record: "x [info] Closed a: Banned"}
)yaml",
               "prefix: \"{token} {token} [{word}] {token} \"\n");
}

TEST(LogProfile, AListGivesOneEventForEachCode) {
  expect_holds(R"yaml(
  - id: suback
    line: "Sent SUBACK to '{client}': {{ {codes} }"
    code: name
    cases: [{packet: SUBACK, direction: sent, protocol: "5.0"}]
    examples:
      - {record: "Sent SUBACK to 'a': { [Reason Code: 'GRANTED_QOS_2'], [Reason Code: 'NOT_AUTHORIZED'] }", gives: [SUBACK sent 5.0 0x02 explicit, SUBACK sent 5.0 0x87 explicit]}
      - {record: "Sent SUBACK to 'a': { [Reason Code: 'GRANTED_QOS_2'], [Reason Code: 'BORED'] }", gives: [], why: a list that cannot be read whole is not emitted in part}
      - {record: "Sent SUBACK to 'a': { [Reason Code: 'BANNED'] }': { [Reason Code: 'GRANTED_QOS_0'] }", gives: [], why: an id that makes the line readable in two ways}
  - id: decimals
    line: "SUBACK {client} [{codes}]"
    code: dec
    separator: " "
    cases:
      - {when: {code: 0x80..0xFF}, packet: SUBACK, direction: sent, protocol: "5.0"}
      - {ignore: true}
    examples:
      - {record: "SUBACK a [1 135 0]", gives: [SUBACK sent 5.0 0x87 explicit], why: each code finds its own case}
)yaml",
               "");
}

TEST(LogProfile, ALineMayBeOneJsonObject) {
  expect_holds(R"yaml(
  - id: packet
    object: true
    members: {event: messageType, code: reasonCode, protocol: version, client: clientId}
    code: name
    cases: [{when: {event: CONNACK}, packet: CONNACK, direction: sent}]
    examples:
      - {record: '2026-11-22 10:00:00 warning: {"messageType":"CONNACK","reasonCode":"BANNED","version":"V_5"}', gives: [CONNACK sent 5.0 0x8A explicit]}
      - {record: '{"messageType":"CONNACK","reasonCode":"BANNED","clientId":"\",\"reasonCode\":\"SUCCESS"}', gives: [CONNACK sent unknown 0x8A explicit]}
  - id: list
    object: true
    members: {event: messageType, codes: reasonCodes}
    code: name
    cases: [{when: {event: SUBACK}, packet: SUBACK, direction: sent}]
    examples:
      - {record: '{"messageType":"SUBACK","reasonCodes":["GRANTED_QOS_1","QUOTA_EXCEEDED"]}', gives: [SUBACK sent unknown 0x01 explicit, SUBACK sent unknown 0x97 explicit]}
)yaml",
               "");
}

TEST(LogProfile, WordsAfterAPrefixMayBeginWithABrace) {
  expect_holds(R"yaml(
  - id: closed
    line: "{{shutdown,{why}}"
    cases: [{when: {why: kicked, event: gone}, close: administrative_action, by: broker}]
    examples:
      - {record: "[info] msg: gone, reason: {shutdown,kicked}", gives: [close unknown administrative_action broker]}
      - {record: '{"msg":"gone","reason":"{shutdown,kicked}"}', gives: [close unknown administrative_action broker]}
    counterexamples:
      - {record: "{shutdown,kicked}", gives: [], why: a line that a client's newline begins}
)yaml",
               "prefix: \"[{word}] msg: {event}, reason: \"\njson: {event: msg, message: reason}\n");
}

}  // namespace
}  // namespace mre
