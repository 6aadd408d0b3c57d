// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/landing_page.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

FeedSample feed(const std::string& broker, const std::string& source) {
  FeedSample sample;
  sample.broker = broker;
  sample.source = source;
  sample.profile = "mosquitto";
  sample.kind = SourceKind::log;
  sample.status.up = true;
  sample.status.state = "reading /l";
  return sample;
}

constexpr ReasonEvent kNotAuthorized{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x87,
                                     Evidence::code_in_record};
constexpr ReasonEvent kNoSubscribers{mqtt::Packet::puback, mqtt::Direction::sent, mqtt::Protocol::v5, 0x10,
                                     Evidence::code_in_record};
constexpr ReasonEvent kSuccess{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x00,
                               Evidence::code_in_record};

ReasonCounters::CodeCount row(const ReasonEvent& event, std::uint64_t count) {
  return {.event = event, .cls = mqtt::classify(event.protocol, event.packet, event.code), .count = count};
}

std::string page_of(std::vector<FeedSample> feeds) {
  return render(LandingPage{std::move(feeds), 1'000'000'000});
}

TEST(LandingPage, ShowsStateTimesAndCountsByClass) {
  FeedSample sample = feed("main", "log");
  sample.counts.codes = {row(kSuccess, 7), row(kNoSubscribers, 5), row(kNotAuthorized, 3)};
  sample.last_record_timestamp_seconds = 999'999'988;
  const std::string html = page_of({sample});
  for (const char* shown :
       {"<h2>Broker main</h2>", ">up</span>", "reading /l",
        "2001-09-09 01:46:28 UTC</time> <span class=\"quiet\">(12 s ago)", "<td>never</td>",
        "<td class=\"number\">7</td><td class=\"number\">5</td><td class=\"number error\">3</td>",
        "<td>CONNACK sent</td><td>5.0</td><td>0x87</td><td>not_authorized</td><td class=\"error\">error</"
        "td><td>explicit</td>"}) {
    EXPECT_NE(html.find(shown), std::string::npos) << shown;
  }
  EXPECT_LT(html.find("0x87"), html.find("0x10")) << "errors first, however few";
  EXPECT_EQ(html.find("0x00"), std::string::npos) << "success is not a finding";
}

TEST(LandingPage, CountsOnlyEventsOfWhichTheSourceIsTheAuthority) {
  FeedSample sample = feed("main", "mqtt");
  sample.counts.codes = {row(kNotAuthorized, 0)};
  sample.shadow.codes = {row(kNotAuthorized, 3)};
  const std::string html = page_of({sample});
  EXPECT_EQ(html.find("not_authorized"), std::string::npos);
}

TEST(LandingPage, ReportsNoErrorOnlyIfEventsWereRead) {
  constexpr const char* kNoError = "No error so far.";
  FeedSample sample = feed("main", "log");
  sample.counts.codes = {row(kNotAuthorized, 0), row(kSuccess, 0)};
  EXPECT_EQ(page_of({sample}).find(kNoError), std::string::npos) << "nothing was read";
  EXPECT_NE(page_of({sample}).find("No event has been read yet."), std::string::npos);
  sample.last_record_timestamp_seconds = 999'999'988;
  EXPECT_EQ(page_of({sample}).find(kNoError), std::string::npos) << "only lines without events";
  sample.last_event_timestamp_seconds = 999'999'988;
  sample.counts.codes = {row(kSuccess, 7), row(kNoSubscribers, 5)};
  EXPECT_NE(page_of({sample}).find(kNoError), std::string::npos);
  EXPECT_NE(page_of({sample}).find("0x10"), std::string::npos) << "informational codes are shown too";
  sample.counts.codes = {row(kNotAuthorized, 1)};
  EXPECT_EQ(page_of({sample}).find(kNoError), std::string::npos);
}

TEST(LandingPage, ShowsEndsAndDenialsBesideCodes) {
  FeedSample sample = feed("main", "log");
  const auto reason = [](std::string_view label) { return mqtt::close_reason_from(label).value(); };
  constexpr auto v3 = mqtt::Protocol::v3_1_1;
  sample.counts.codes = {row(kSuccess, 7)};
  sample.counts.closes = {{{v3, reason("session_taken_over"), mqtt::Initiator::broker}, 8},
                          {{v3, reason("connection_closed"), mqtt::Initiator::unknown}, 9},
                          {{v3, reason("normal_disconnection"), mqtt::Initiator::client}, 6}};
  sample.counts.denials = {{{v3, Action::publish, reason("not_authorized")}, 4},
                           {{v3, Action::subscribe, reason("not_authorized")}, 0}};
  sample.last_event_timestamp_seconds = 999'999'988;
  const std::string html = page_of({sample});
  for (const char* shown :
       {"<td>connection ended by broker</td><td>3.1.1</td><td>none</td><td>session_taken_over</td>"
        "<td class=\"error\">error</td><td></td><td class=\"number\">8</td>",
        "<td>connection ended</td><td>3.1.1</td><td>none</td><td>connection_closed</td>",
        "<td>publish denied</td><td>3.1.1</td><td>none</td><td>not_authorized</td>",
        "<td class=\"number\">13</td><td class=\"number\">9</td><td class=\"number error\">12</td>"})
    EXPECT_NE(html.find(shown), std::string::npos) << shown;
  EXPECT_EQ(html.find("subscribe denied"), std::string::npos) << "there was none";
  EXPECT_EQ(html.find("normal_disconnection"), std::string::npos) << "a success";
  EXPECT_EQ(html.find("No error so far"), std::string::npos);
}

TEST(LandingPage, ShowsWhenTheCountersStarted) {
  FeedSample sample = feed("main", "log");
  EXPECT_NE(page_of({sample}).find("<td>an earlier version</td>"), std::string::npos);
  sample.since_timestamp_seconds = 1'000'000'000 - 3 * 86'400;
  EXPECT_NE(page_of({sample}).find("2001-09-06 01:46:40 UTC</time> <span class=\"quiet\">(3 d ago)"),
            std::string::npos);
}

TEST(LandingPage, ShowsWhatIsNotVisibleAndWhatToSet) {
  FeedSample sample = feed("main", "log");
  sample.coverage.codes = {kNotAuthorized, kNoSubscribers};
  sample.coverage.denials = {{mqtt::Protocol::v5, Action::publish, {}}};
  EXPECT_EQ(page_of({sample}).find("show"), std::string::npos) << "nothing is known yet";
  sample.visibility.add(kNotAuthorized);
  sample.visibility.level = "default";
  sample.visibility.to_set = "log_type debug";
  sample.records = {1, 0, 0, 0};
  EXPECT_NE(page_of({sample}).find("the latest records of the level default do not show PUBACK sent, publish "
                                   "denials without a code. To see more, set: log_type debug"),
            std::string::npos);
  sample.visibility = all_of(sample.coverage);
  EXPECT_NE(page_of({sample}).find("shows CONNACK sent, PUBACK sent, publish denials without a code."),
            std::string::npos);
  sample.visibility = {};
  sample.records = {0, 0, 40, 0};
  EXPECT_NE(page_of({sample}).find("none of the 40 records so far was recognised"), std::string::npos);
  sample.records = {1, 0, 1040, 0};
  sample.unread_streak = 999;
  EXPECT_EQ(page_of({sample}).find("was recognised"), std::string::npos);
  sample.unread_streak = 1000;
  EXPECT_NE(page_of({sample}).find("none of the latest 1000 records was recognised: check that "),
            std::string::npos);
}

TEST(LandingPage, ShowsStatesInFull) {
  FeedSample sample = feed("main", "log");
  sample.status.state = "waiting for /" + std::string(4096, 'p') + ": Permission denied; run it as such";
  EXPECT_NE(page_of({sample}).find("run it as such"), std::string::npos);
}

TEST(LandingPage, ClaimsNothingBeforeTheProfileIsDetected) {
  EXPECT_EQ(page_of({feed("auto", "log")}).find("so far"), std::string::npos);
}

TEST(LandingPage, EscapesWhatComesFromOutside) {
  FeedSample sample = feed("main", "log");
  sample.status.up = false;
  sample.status.state = "<script>alert(1)</script>\x1b[31m\xff";
  const std::string html = page_of({sample});
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(html.find("class=\"down\">down<"), std::string::npos);
}

TEST(LandingPage, ShowsEachBrokerOnce) {
  const std::string html = page_of({feed("a", "log"), feed("a", "mqtt"), feed("b", "log")});
  std::size_t headings = 0;
  for (std::size_t at = html.find("<h2>"); at != std::string::npos; at = html.find("<h2>", at + 1))
    ++headings;
  EXPECT_EQ(headings, 2U);
}

}  // namespace
}  // namespace mre
