// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/codes_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "exporter/mqtt/reason_text.h"
#include "exporter/web/code_reference.h"
#include "tests/web/balanced.h"
#include "tests/web/samples.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;
using mqtt::Protocol;
using ::testing::HasSubstr;
using ::testing::Not;

std::string codes_html(const std::vector<FeedSample>& feeds, std::string_view query = {}) {
  return codes_html(feeds, Query::parse(query).value());
}

/// The codes of the rows of the matrix, in order.
std::vector<std::string> rows_of(const std::string& html) {
  static const std::regex row("<tr data-code=\"(0x[0-9A-F]{2})\">");
  std::vector<std::string> codes;
  for (std::sregex_iterator at(html.begin(), html.end(), row), end; at != end; ++at)
    codes.push_back((*at)[1]);
  return codes;
}

TEST(CodesPage, HasEachRowOfTheTableOnceAndLinksThatLead) {
  const std::string html = codes_html({test::counted("hall")});
  test::expect_balanced(html);
  EXPECT_EQ(rows_of(html).size(), mqtt::reasons().size());
  static const std::regex link("href=\"#([^\"]*)\"");
  for (std::sregex_iterator at(html.begin(), html.end(), link), end; at != end; ++at)
    EXPECT_THAT(html, HasSubstr(" id=\"" + (*at)[1].str() + "\"")) << at->str();
  for (const mqtt::Reason& reason : mqtt::reasons())
    EXPECT_THAT(html, HasSubstr("<section class=\"card\" id=\"" + mqtt::hex(reason.code) + "\""))
        << reason.name;
}

TEST(CodesPage, FindsByCodeNamePacketAndMeaning) {
  using Codes = std::vector<std::string>;
  const struct {
    const char* why;
    const char* query;
    Codes codes;
  } cases[] = {
      {"hex", "?q=0x87", {"0x87"}},
      {"decimal", "?q=135", {"0x87"}},
      {"the beginnings of two words", "?q=not+auth", {"0x87", "0x05"}},
      {"a packet", "?q=unsuback", {"0x00", "0x11", "0x80", "0x83", "0x87", "0x8F", "0x91"}},
      {"a word of the meaning", "?q=ban+list", {"0x8A"}},
      {"both versions", "?q=0x01", {"0x01", "0x01", "0x01"}},
      {"nothing", "?q=xyzzy", {}},
  };
  for (const auto& c : cases) {
    const std::string html = codes_html({test::counted("hall")}, c.query);
    test::expect_balanced(html);
    EXPECT_EQ(rows_of(html), c.codes) << c.why;
  }
  EXPECT_THAT(codes_html({}, "?q=xyzzy"), HasSubstr("No code matches “xyzzy”"));
  EXPECT_THAT(codes_html({}, "?q=0x87"), Not(HasSubstr("without-a-code"))) << "the others match a code only";
  EXPECT_THAT(codes_html({}, "?q=unsuback"), HasSubstr("7 of "));
}

TEST(CodesPage, FindsReasonsWithoutACode) {
  for (const std::string_view query : {"?q=TLS", "?q=tls+error", "?q=certificate", "?q=tls_err"}) {
    const std::string html = codes_html({test::counted("hall")}, query);
    test::expect_balanced(html);
    EXPECT_THAT(html, HasSubstr("0 of 55 codes, and 1 <a href=\"#without-a-code\">reason without a code</a>"))
        << query;
    EXPECT_THAT(html, HasSubstr("id=\"tls_error\"")) << query;
    EXPECT_THAT(html, AllOf(HasSubstr(">MqttReasonTlsErrors<"), HasSubstr(">MqttReasonFirstInAWeek<")));
    EXPECT_THAT(html, Not(HasSubstr("MqttReasonErrorRatioAboveItsPast"))) << "it has no code";
  }
  const std::string json = codes_json({}, Query::parse("?q=0x87").value());
  EXPECT_THAT(json, HasSubstr("\"without_code\":[{\"reason\":\"not_authorized\""));
  EXPECT_THAT(json, Not(HasSubstr("tls_error")));
  EXPECT_THAT(codes_json({}, Query::parse("?q=tls").value()),
              HasSubstr("{\"codes\":[],\n\"without_code\":[{\"reason\":\"tls_error\""));
}

TEST(CodesPage, CountsWhatTheMetricsCount) {
  const std::string html = codes_html({test::counted("hall")});
  EXPECT_THAT(html, HasSubstr("<td data-value=\"1234\"><span class=\"blind\">b c</span> <b>1,234</b></td>"))
      << "PUBACK, both directions";
  EXPECT_THAT(html, HasSubstr("<td data-value=\"3\"><span class=\"blind\">b</span> <b>3</b></td>"));
  EXPECT_THAT(html, HasSubstr("<dt>Counted</dt><dd>CONNACK 9</dd>"))
      << "0x05, of 3.1.1 and of an unknown version";
  EXPECT_THAT(html,
              HasSubstr("<tr><td>0x95</td><td>PUBACK</td><td class=\"number\" data-value=\"8\">8</td></tr>"))
      << "not in the standard there";
  EXPECT_THAT(
      html,
      HasSubstr("<dt>Ends without a code</dt><dd>6</dd>\n<dt>Denials without a code</dt><dd>publish 9</dd>"));
  EXPECT_THAT(html, HasSubstr("id=\"tls_error\""));
  FeedSample withheld = test::counted("hall");
  withheld.withheld = true;
  EXPECT_THAT(codes_html({withheld}), Not(HasSubstr("<b>"))) << "the metrics do not serve them";
}

TEST(CodesPage, OfOneBrokerHasItsCountsOnly) {
  FeedSample other = test::feed("yard", "log");
  other.counts.codes = {test::code(Packet::suback, Direction::sent, Protocol::v5, 0x87, 77)};
  const std::vector<FeedSample> feeds = {test::counted("hall"), other};
  EXPECT_THAT(codes_html(feeds), HasSubstr("<b>77</b>"));
  EXPECT_THAT(codes_html(feeds, "?broker=hall"), Not(HasSubstr("<b>77</b>")));
  EXPECT_THAT(codes_html(feeds, "?broker=hall"), HasSubstr("<option value=\"hall\" selected>hall</option>"));
  EXPECT_THAT(codes_html({test::counted("hall")}), Not(HasSubstr("<select"))) << "nothing to choose";
}

TEST(CodesPage, SaysWhatTheSourcesCanShow) {
  FeedSample sample = test::feed("hall", "log");
  EXPECT_THAT(codes_html({sample}, "?q=0x87"), HasSubstr("Not known yet"));
  const auto event = [](Packet packet) {
    return ReasonEvent{packet, Direction::sent, Protocol::v5, 0x87, Evidence::code_in_record};
  };
  sample.coverage.codes = {event(Packet::connack), event(Packet::suback)};
  sample.visibility.add(event(Packet::connack));
  const std::string html = codes_html({sample}, "?q=0x87");
  EXPECT_THAT(
      html,
      HasSubstr("hall, source log: shows CONNACK sent; not at present: SUBACK sent; never: PUBACK sent, "
                "PUBACK received, PUBREC sent, PUBREC received, UNSUBACK sent, DISCONNECT sent"));
  EXPECT_THAT(html, HasSubstr("<td data-value=\"0\"><span>b</span> </td>")) << "CONNACK";
  sample.status.unreadable = true;
  EXPECT_THAT(codes_html({sample}, "?q=0x87"), HasSubstr("<strong>blind</strong>"));
}

TEST(CodesPage, EachErrorHasAnAlertAndOthersHaveNone) {
  EXPECT_THAT(codes_html({}, "?q=0x10"), HasSubstr("never raises an alert"));
  EXPECT_THAT(codes_html({}, "?q=0x87"),
              HasSubstr("<a href=\"/runbook#mqttreasonpublishdenied\">MqttReasonPublishDenied</a>"));
  EXPECT_THAT(codes_html({}, "?q=0x93"), HasSubstr("MqttReasonQuotaExceeded"));
  EXPECT_THAT(codes_html({}, "?q=0x93"), Not(HasSubstr("MqttReasonPublishDenied")));
  EXPECT_THAT(codes_html({}, "?q=0x93"), Not(HasSubstr("MqttReasonErrorRatioAboveItsPast")))
      << "the share of errors is that of other packets than DISCONNECT";
  EXPECT_THAT(codes_html({}, "?q=0x87"), HasSubstr("MqttReasonErrorRatioAboveItsPast"));
}

TEST(CodesPage, LeadsBetweenTheVersionsBothWays) {
  for (const mqtt::Reason& reason : mqtt::reasons()) {
    for (const mqtt::Reason* other : equivalents(reason)) {
      EXPECT_NE(other->protocol, reason.protocol);
      EXPECT_THAT(equivalents(*other), ::testing::Contains(&reason)) << reason.name;
    }
    EXPECT_TRUE(reason.protocol == Protocol::v5 || !equivalents(reason).empty()) << reason.name;
  }
  EXPECT_THAT(codes_html({}, "?q=0x05"),
              HasSubstr("<dt>In MQTT 5.0</dt><dd><a href=\"#0x87\">0x87</a> Not authorized"));
}

TEST(CodesPage, EscapesTheQuery) {
  const std::string html = codes_html({test::counted("hall")}, "?q=%22%3E%3Cscript%3E%00%ff&broker=%3Cb%3E");
  test::expect_balanced(html);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;\\x00\uFFFD"));
  EXPECT_LT(codes_html({test::counted("hall")}, "?q=" + std::string(4000, 'x')).size(), 20'000U);
}

}  // namespace
}  // namespace mre
