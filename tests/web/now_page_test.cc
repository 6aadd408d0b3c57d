// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/now_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/web/findings.h"
#include "tests/web/balanced.h"
#include "tests/web/samples.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;
using mqtt::Protocol;
using test::kNow;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A source that shows all answers of the broker, has read events, and has no problem.
FeedSample good_feed(const std::string& broker, const std::string& source) {
  FeedSample sample = test::feed(broker, source);
  for (const mqtt::Reason& reason : mqtt::reasons()) {
    for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
      const auto packet = static_cast<Packet>(i);
      if (contains(reason.by_broker, packet))
        sample.coverage.codes.push_back(
            {packet, Direction::sent, reason.protocol, reason.code, Evidence::code_in_record});
    }
  }
  sample.visibility = all_of(sample.coverage);
  sample.records = {5, 5, 0, 0};
  sample.last_record_timestamp_seconds = kNow - 12;
  sample.last_event_timestamp_seconds = kNow - 12;
  return sample;
}

CountHistory::Row recent(const char* reason, Packet packet, std::uint64_t five_minutes, std::uint64_t hour) {
  CountHistory::Row row{
      "hall", {.packet = packet, .cls = mqtt::Class::error, .reason = reason}, five_minutes, hour, {}};
  row.minutes.back() = five_minutes;
  row.minutes.front() = hour - five_minutes;
  return row;
}

std::string now_html(std::vector<FeedSample> feeds, std::vector<CountHistory::Row> rows = {}) {
  std::string html = render(NowPage{std::move(feeds), std::move(rows), {}, kNow, 7200});
  test::expect_balanced(html);
  return html;
}

TEST(NowPage, ShowsStateTimesAndCountsByClass) {
  FeedSample sample = test::counted("main");
  sample.last_record_timestamp_seconds = kNow - 12;
  const std::string html = now_html({sample});
  for (const char* shown :
       {"<h2>Broker main</h2>", ">up</span>", "reading /l",
        "2001-09-09 01:46:28 UTC</time> <span class=\"quiet\">(12 s ago)",
        "<td data-label=\"last event\">never</td>", "<td data-label=\"counts since\">an earlier version</td>",
        "data-value=\"70\" data-label=\"success\">70</td>",
        "data-value=\"50\" data-label=\"informational\">50</td>",
        "data-value=\"1276\" data-label=\"error\">1,276</td>",
        "<td>CONNACK sent</td><td>5.0</td><td>0x87</td><td>not_authorized</td><td "
        "class=\"error\">error</td><td>explicit</td>",
        "<td>connection ended by client</td><td>5.0</td><td>none</td><td>tls_error</td>",
        "<td>publish denied</td><td>5.0</td><td>none</td><td>not_authorized</td>"})
    EXPECT_THAT(html, HasSubstr(shown));
  EXPECT_LT(html.find("<td>0x87</td>"), html.find("<td>0x10</td>")) << "errors first, however few";
  EXPECT_THAT(html, Not(HasSubstr("<td>0x00</td>"))) << "success is not a finding";
}

TEST(NowPage, GivesAnAllClearOnlyWhereTheSourcesSeeEverything) {
  constexpr const char* kClear = "<strong class=\"up\">No error in the last 5 minutes.</strong>";
  EXPECT_THAT(now_html({good_feed("hall", "log")}), HasSubstr(kClear));
  EXPECT_THAT(now_html({good_feed("hall", "log")}), HasSubstr("card calm"));
  const struct {
    const char* why;
    void (*harm)(FeedSample& sample);
    const char* says;
  } cases[] = {
      {"no event was read", [](FeedSample& s) { s.last_event_timestamp_seconds = 0; },
       "no event has been read"},
      {"down", [](FeedSample& s) { s.status.up = false; }, "it is down: reading /l"},
      {"TLS", [](FeedSample& s) { s.status.unreadable = true; }, "all captured traffic is TLS"},
      {"silent", [](FeedSample& s) { s.status.silent = true; }, "no message has arrived"},
      {"withheld", [](FeedSample& s) { s.withheld = true; }, "its counts are not served"},
      {"not recognised", [](FeedSample& s) { s.records = {0, 0, 40, 0}; }, "none of the 40 records so far"},
      {"checkpoint", [](FeedSample& s) { s.checkpoint.failures = 1; }, "its checkpoint cannot be written"},
      {"log level",
       [](FeedSample& s) { s.visibility.codes[static_cast<std::size_t>(Packet::puback)].fill(false); },
       "Not visible at present, so an error there is not counted: PUBACK sent."},
  };
  for (const auto& c : cases) {
    FeedSample sample = good_feed("hall", "log");
    c.harm(sample);
    const std::string html = now_html({sample});
    EXPECT_THAT(html, Not(HasSubstr(kClear))) << c.why;
    EXPECT_THAT(html, Not(HasSubstr("card calm"))) << c.why;
    EXPECT_THAT(html, HasSubstr(c.says)) << c.why;
  }
  FeedSample capture = good_feed("hall", "capture");
  FeedSample log = good_feed("hall", "log");
  log.visibility = {};
  EXPECT_THAT(now_html({log, capture}), HasSubstr(kClear)) << "one source sees what the other does not";
}

TEST(NowPage, SaysInWordsWhatIsWrong) {
  const std::string html =
      now_html({good_feed("hall", "log")},
               {recent("not_authorized", Packet::puback, 62, 80), recent("banned", Packet::connack, 5, 5)});
  EXPECT_THAT(
      html,
      HasSubstr("<strong class=\"error\">Something is wrong.</strong> 67 errors in the last 5 minutes."));
  EXPECT_THAT(
      html,
      HasSubstr("<li>Messages are denied: 12.4 a minute in the last 5 minutes (limit 6). "
                "<a href=\"/clients?broker=hall&amp;packet=PUBACK&amp;reason=not_authorized\">clients</a>"
                " · <a href=\"/events?broker=hall&amp;packet=PUBACK&amp;reason=not_authorized\">events</a>"
                " · <a href=\"/runbook#mqttreasonpublishdenied\">"));
  EXPECT_THAT(html, Not(HasSubstr("AuthenticationBurst"))) << "5 logins are below its limit";
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">not_authorized</th><td>PUBACK sent</td>"));
  EXPECT_THAT(html, HasSubstr("<svg class=\"spark\""));
  EXPECT_THAT(html,
              HasSubstr("<a href=\"/clients?broker=hall&amp;packet=CONNACK&amp;reason=banned\">clients</a>"));
  const std::string few = now_html({good_feed("hall", "log")}, {recent("banned", Packet::connack, 5, 5)});
  EXPECT_THAT(few, HasSubstr("5 errors in the last 5 minutes</strong>, fewer than any alert's limit"));
  EXPECT_THAT(few, Not(HasSubstr("No error")));
}

TEST(NowPage, SaysWhyNothingIsRememberedAndHowToTurnItOn) {
  NowPage now{{good_feed("hall", "log")}, {}, {false, "the exporter listens on 0.0.0.0", {}}, kNow, 7200};
  EXPECT_THAT(render(now), HasSubstr("the exporter listens on 0.0.0.0"));
  EXPECT_THAT(render(now), HasSubstr("clients: {remember: on}"));
  now.remembered.on = true;
  EXPECT_THAT(render(now), Not(HasSubstr("not remembered")));
}

TEST(NowPage, ShowsWhatIsNotVisibleAndWhatToSet) {
  FeedSample sample = good_feed("main", "log");
  sample.coverage.denials = {{Protocol::v5, Action::publish, {}}};
  sample.visibility.codes[static_cast<std::size_t>(Packet::puback)].fill(false);
  sample.visibility.level = "default";
  sample.visibility.to_set = "log_type debug";
  EXPECT_THAT(now_html({sample}),
              HasSubstr("the latest records of the level default do not show PUBACK sent, publish denials "
                        "without a code. To see more, set: log_type debug"));
}

TEST(NowPage, EscapesWhatComesFromOutside) {
  FeedSample sample = test::feed("<b>", "log");
  sample.status.up = false;
  sample.status.state = "<script>alert(1)</script>\x1b[31m\xff" + std::string(4096, 'p') + " run it as such";
  const std::string html = now_html({sample});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_EQ(html.find('\x1b'), html.npos);
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(html, HasSubstr("run it as such")) << "states are shown in full";
}

TEST(NowPage, ShowsEachBrokerOnce) {
  const std::string html =
      now_html({test::feed("a", "log"), test::feed("a", "mqtt"), test::feed("b", "log")});
  std::size_t headings = 0;
  for (auto at = html.find("<h2>Broker "); at != html.npos; at = html.find("<h2>Broker ", at + 1)) ++headings;
  EXPECT_EQ(headings, 2U);
}

TEST(Findings, CompareWithTheHourBefore) {
  const auto change = [](std::uint64_t five_minutes, std::uint64_t hour, double history = 7200) {
    return change_of(recent("banned", Packet::connack, five_minutes, hour), history);
  };
  EXPECT_EQ(change(5, 5), "new: none in the 55 minutes before");
  EXPECT_EQ(change(10, 65), "rising: 2 times the 55 minutes before");
  EXPECT_EQ(change(5, 60), "steady");
  EXPECT_EQ(change(1, 60), "falling");
  EXPECT_EQ(change(0, 60), "none for 59 minutes");
  EXPECT_EQ(change(5, 5, 400), "too early to compare");
  EXPECT_EQ(change(5, 5, 1200), "new: none in the 15 minutes before");
}

TEST(Findings, AreBlindForWhatNoSourceShows) {
  EXPECT_THAT(blind_spots({good_feed("hall", "log")}), IsEmpty());
  EXPECT_EQ(blind_spots({test::feed("hall", "log")}).size(), 6U);
}

}  // namespace
}  // namespace mre
