// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exporter/base/text.h"
#include "exporter/mqtt/reason_code.h"

namespace mre {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  std::size_t columns = 0;
  for (const char c : text) {
    if (c == '\n')
      columns = 0;
    else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80)
      longest = std::max(longest, ++columns);
  }
  return longest;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

struct Case {
  std::string_view query;
  std::string_view expected;  // a part of the answer
  std::string_view why;
};

TEST(Lookup, FindsByCodeNamePacketAndMeaning) {
  constexpr Case kCases[] = {
      {"0x87", "0x87 (135)  Not authorized", "hex"},
      {"0X8d", "Keep Alive timeout", "hex in any case"},
      {"135", "0x87 (135)  Not authorized", "decimal"},
      {"0", "Granted QoS 0", "0x00 has five meanings, all shown"},
      {"authorized", "0x05 (5)  Connection Refused, not authorized", "a part of the name, in both versions"},
      {"keep_alive", "Keep Alive timeout", "snake case"},
      {"  KeepAlive ", "Keep Alive timeout", "camel case, blanks around"},
      {"keepalive_timeout", "Keep Alive timeout", "EMQX's spelling"},
      {"packet_id_in_use", "Packet Identifier in use", "a name that only brokers use"},
      {"UNSUBACK", "0x11   17", "a packet lists its codes"},
      {"unsuback not", "0x87 (135)", "each word narrows"},
      {"connack 5", "Connection Refused, not authorized", "a packet and a byte"},
      {"3.1.1 suback 0x80", "Failure", "a version"},
      {"informational", "No matching subscribers", "a class"},
      {"token", "Maximum connect time", "a word of the meaning"},
      {"ACL", "Not authorized", "a word of the first step"},
  };
  for (const Case& c : kCases) {
    const LookupAnswer answer = render_lookup(c.query);
    EXPECT_TRUE(answer.found) << c.query << ": " << c.why;
    EXPECT_THAT(answer.text, HasSubstr(std::string(c.expected))) << c.query << ": " << c.why;
  }
}

TEST(Lookup, ACardHasAllFactsOfACode) {
  EXPECT_EQ(render_lookup("0x8D").text,
            R"(0x8D (141)  Keep Alive timeout                                   MQTT 5.0, error
  Packets     DISCONNECT
  Sent by     broker
  Label       reason="keep_alive_timeout"
  Meaning     The broker received nothing from the client for one and a half
              times its keep alive.
  First step  Check for a poor network, sleeping devices, or a NAT that drops
              idle connections before the keep alive expires.
  Standard    MQTT 5.0 §3.1.2.10
)");
}

TEST(Lookup, EveryRowHasACardThatFitsTheTerminal) {
  for (const mqtt::Reason& reason : mqtt::reasons()) {
    const LookupAnswer answer = render_lookup(std::to_string(reason.code));
    EXPECT_THAT(answer.text, AllOf(HasSubstr(std::string(reason.name)), HasSubstr(std::string(reason.label)),
                                   HasSubstr(std::string(reason.section))));
    EXPECT_LE(longest_line(answer.text), 80U) << reason.name;
  }
}

TEST(Lookup, APacketListsItsCodesWithTheSenderInThatPacket) {
  const LookupAnswer answer = render_lookup("DISCONNECT informational 4");
  EXPECT_THAT(answer.text, HasSubstr("Sent by     client"));
  const std::string puback = render_lookup("PUBACK").text;
  EXPECT_THAT(puback, AllOf(HasSubstr("0x10   16  5.0    broker"), HasSubstr("0x87  135  5.0    both")));
  EXPECT_EQ(count(puback, "\n0x"), 9U);
  EXPECT_LE(longest_line(render_lookup("CONNACK").text), 100U);
}

TEST(Lookup, WordsOfTheNameComeBeforeWordsOfTheMeaning) {
  const std::string text = render_lookup("retained").text + render_lookup("wildcard").text;
  EXPECT_THAT(text, HasSubstr("Retain not supported"));
  const std::string quota = render_lookup("quota").text;
  EXPECT_EQ(quota.find("0x97"), 0U);
}

TEST(Lookup, FindsReasonsWithoutACode) {
  for (const std::string_view query : {"tls", "TLS error", "tls_error", "certificate"}) {
    const LookupAnswer answer = render_lookup(query);
    EXPECT_TRUE(answer.found) << query;
    EXPECT_THAT(answer.text, AllOf(HasSubstr("Ends and denials that have no code\n  reason=\"tls_error\""),
                                   HasSubstr("Class: error.")));
    EXPECT_LE(longest_line(answer.text), 80U);
  }
  const std::string both = render_lookup("timeout").text;
  EXPECT_THAT(both, AllOf(HasSubstr("0x8D (141)"), HasSubstr("\n\nEnds and denials that have no code\n")));
  EXPECT_THAT(render_lookup("0x87").text, Not(HasSubstr("Ends and denials")));
  EXPECT_EQ(render_lookup("tls", ListFormat::json).text, "[]\n") << "codes only";
}

TEST(Lookup, ExplainsHowToSearchIfNothingMatches) {
  constexpr Case kCases[] = {
      {"", "The query is empty.", "no word"},
      {"  \t", "The query is empty.", "only blanks"},
      {"xyzzy", "No reason code matches \"xyzzy\".", "no such word"},
      {"__", "No reason code matches", "only separators"},
      {"UNSUBACK 0x8D", "No reason code matches", "both exist, but not together"},
      {"0x55", "No version of MQTT defines 0x55 (85)", "a byte without a meaning"},
      {"0x55", "class=\"informational\"", "how it would be counted"},
      {"0xFF", "class=\"error\"", "how it would be counted"},
      {"256", "not a reason code", "no byte"},
      {"99999999999999999999", "not a reason code", "more than fits an integer"},
      {"87", "Did you mean 0x87, Not authorized?", "hex without 0x"},
      {"autorized", "Did you mean authorized?", "a misspelt word of a name"},
      {"quota_exceded", "Did you mean quota_exceeded?", "a misspelt label"},
      {"CONACK 0x87", "Did you mean connack?", "a misspelt packet"},
      {"8d", "Did you mean 0x8D, Keep Alive timeout?", "hex without 0x"},
      {"\x1B[31m\xFF", "\\x1B[31m\uFFFD", "hostile bytes are made harmless"},
  };
  for (const Case& c : kCases) {
    const LookupAnswer answer = render_lookup(c.query);
    EXPECT_FALSE(answer.found) << c.query << ": " << c.why;
    EXPECT_THAT(answer.text, HasSubstr(std::string(c.expected))) << c.why;
    EXPECT_THAT(answer.text, HasSubstr("Search by")) << c.why;
    EXPECT_TRUE(is_utf8(answer.text));
  }
}

TEST(Lookup, TheExamplesOfTheHelpFindSomething) {
  for (const std::string_view query : {"0x87", "135", "not_authorized", "keep alive", "UNSUBACK", "CONNACK 5",
                                       "token", "ACL", "informational", "error 3.1.1"}) {
    EXPECT_THAT(render_lookup("").text, HasSubstr("lookup " + std::string(query)));
    EXPECT_TRUE(render_lookup(query).found) << query;
  }
}

TEST(ListCodes, EachFormatHasEveryRow) {
  const std::string text = render_codes(ListFormat::text);
  const std::string json = render_codes(ListFormat::json);
  const std::string markdown = render_codes(ListFormat::markdown);
  const std::size_t rows = mqtt::reasons().size();
  EXPECT_EQ(count(text, "\n  0x"), rows);
  EXPECT_EQ(count(json, "{\"code\":\"0x"), rows);
  EXPECT_EQ(count(markdown, "\n"), rows + 2);
  EXPECT_LE(longest_line(text), 90U);
  for (const mqtt::Reason& reason : mqtt::reasons()) {
    const std::string name(reason.name);
    EXPECT_THAT(text, HasSubstr(name));
    EXPECT_THAT(json, HasSubstr("\"name\":\"" + name + '"'));
    EXPECT_THAT(markdown, HasSubstr("| " + name + " |"));
  }
  EXPECT_THAT(
      json,
      HasSubstr(
          R"("packets":["PUBACK","PUBREC"],"broker_sends_in":["PUBACK","PUBREC"],"client_sends_in":[])"));
}

TEST(ListCodes, MarkdownRowsHaveTheSameCells) {
  const std::string markdown = render_codes(ListFormat::markdown);
  for (std::size_t from = 0; from < markdown.size();) {
    const std::size_t end = markdown.find('\n', from);
    EXPECT_EQ(count(markdown.substr(from, end - from), "|"), 11U) << markdown.substr(from, end - from);
    from = end + 1;
  }
}

}  // namespace
}  // namespace mre
