// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "exporter/base/text.h"
#include "exporter/metrics/catalog.h"
#include "exporter/metrics/source_counters.h"
#include "tests/metrics/samples.h"

namespace mre {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const BuildInfo kBuild{"0.1.0", "abcdef0", "g++ 12.2.0"};
const ConfigStatus kConfig{true, 1763793420.5};
const ProcessStats kProcess{12.34, 17301504, 1073741824, 11, 1048576, 1763793418.25};

/// A broker seen through its log and its events, with every number set.
std::vector<FeedSample> busy_feeds() {
  FeedSample log = test::quiet_feed("log", SourceKind::log);
  ReasonCounters counters(log.coverage, 6);
  for (int i = 0; i < 3; ++i) counters.add(test::kNotAuthorized);
  counters.add(test::kRefused3);
  for (int i = 0; i < 1000; ++i) counters.add(test::kNoSubscribers);
  counters.add(test::with_code(test::kNotAuthorized, 0xF7));
  counters.add(test::with_code(test::kNotAuthorized, 0x9F));
  counters.add(test::with_code(test::kNotAuthorized, 0x8A));
  counters.add(log.coverage.closes[0]);
  for (int i = 0; i < 2; ++i) counters.add(log.coverage.denials[0]);
  log.counts = counters.counts();
  log.records = {1007, 20, 3, 2};
  log.record_errors = {0, 1, 0, 0, 0, 1};
  log.status.record_bytes = 98765432101;
  log.status.lag_bytes = 512;
  log.status.renames = 2;
  log.status.truncations = 1;
  log.status.lost_bytes = 17;
  log.status.failures = 4;
  log.decoder = {5, 6};
  log.decoder.broker_version = "2.0.18";
  log.decoder.broker_starts = 3;
  log.last_record_timestamp_seconds = 1763793500.125;
  log.last_event_timestamp_seconds = 1763793499.5;

  FeedSample events = test::quiet_feed("events", SourceKind::mqtt);
  Authority ends;
  ends.closes = false;
  ends.codes[static_cast<std::size_t>(mqtt::Packet::disconnect)].fill(true);
  events.authority = {ends};
  ReasonCounters own(events.coverage, 512);
  own.add(test::kNormalEnd);
  events.counts = own.counts();
  ReasonCounters shadow(events.coverage, 512);
  shadow.add(test::kNotAuthorized);
  shadow.add(events.coverage.closes[0]);
  shadow.add(events.coverage.denials[0]);
  events.shadow = shadow.counts();
  events.near_miss = "emqx";
  events.status.up = false;
  events.status.connects = 3;
  events.status.resubscribes = 2;
  events.status.retained_skipped = 7;
  events.status.records_dropped = 8;

  FeedSample wire = test::quiet_feed("wire", SourceKind::capture);
  wire.status.unreadable = true;
  std::uint64_t n = 100;
  for (const SourceCounter& row : kSourceCounters) wire.status.*row.member = n++;
  wire.status.connections = 42;
  return {log, events, wire};
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_with(const std::string& text, const std::string& part) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (line.find(part) != std::string::npos) out.push_back(line);
  return out;
}

// The names and labels are an API. After a wanted change: MRE_UPDATE_GOLDEN=1, and say it in the release
// notes.
TEST(Exposition, EqualsTheGoldenFile) {
  const std::string path = MRE_TESTDATA "/metrics/golden.prom";
  const std::string text = render(busy_feeds(), kBuild, kProcess, kConfig, kConfig);
  if (std::getenv("MRE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, read_file(path));
}

TEST(Exposition, EveryRowOfTheCatalogHasASeriesInItsOrder) {
  const std::string text = render(busy_feeds(), kBuild, kProcess, kConfig, kConfig);
  std::size_t at = 0;
  for (const Metric& row : kCatalog) {
    const std::string type = "# TYPE " + std::string(row.name) + " " + std::string(to_string(row.type)) +
                             "\n" + std::string(row.name);
    const std::size_t found = text.find(type, at);
    ASSERT_NE(found, std::string::npos) << row.name << " is missing or out of order";
    at = found;
  }
}

TEST(Exposition, TheOrderOfTheFirstEventsDoesNotMatter) {
  std::vector<FeedSample> feeds = busy_feeds();
  const std::string text = render(feeds, kBuild, kProcess);
  std::reverse(feeds.begin(), feeds.end());
  for (FeedSample& feed : feeds) {
    std::reverse(feed.counts.codes.begin(), feed.counts.codes.end());
    std::reverse(feed.counts.closes.begin(), feed.counts.closes.end());
    std::reverse(feed.coverage.codes.begin(), feed.coverage.codes.end());
  }
  EXPECT_EQ(render(feeds, kBuild, kProcess), text);
}

TEST(Exposition, EventsThatAnotherFeedCountsAreShadowCodes) {
  const std::string text = render(busy_feeds(), kBuild, kProcess);
  const std::string other =
      R"({broker="edge",source="events",packet="CONNACK",direction="sent",protocol="5.0",code="0x87")";
  EXPECT_THAT(text, HasSubstr("mqtt_reason_shadow_codes_total" + other));
  EXPECT_THAT(text, Not(HasSubstr("mqtt_reason_codes_total" + other)));
  EXPECT_THAT(text,
              HasSubstr(R"(mqtt_reason_codes_total{broker="edge",source="events",packet="DISCONNECT")"));
  for (const char* metric :
       {"mqtt_reason_closes_without_code_total{", "mqtt_reason_denials_without_code_total{"})
    for (const auto& line : lines_with(text, metric))
      EXPECT_THAT(line, Not(HasSubstr(R"(source="events")"))) << "it counts once";
}

TEST(Exposition, AQuietFeedHasItsWholeCoverageAsZero) {
  FeedSample feed = test::quiet_feed("log", SourceKind::log);
  feed.authority.normal.codes[static_cast<std::size_t>(mqtt::Packet::puback)].fill(false);
  feed.authority.without_capture = feed.authority.normal;
  const std::string text = render({&feed, 1}, kBuild, {});
  EXPECT_EQ(lines_with(text, "mqtt_reason_codes_total{").size(), 3U);
  EXPECT_EQ(lines_with(text, "mqtt_reason_shadow_codes_total{").size(), 1U);
  EXPECT_EQ(lines_with(text, "mqtt_reason_closes_without_code_total{").size(), 2U);
  EXPECT_EQ(lines_with(text, "mqtt_reason_denials_without_code_total{").size(), 2U);
  EXPECT_EQ(lines_with(text, "mqtt_reason_observable{").size(), 5U)
      << "packet and direction once each, and two kinds of denials";
  EXPECT_EQ(lines_with(text, "mqtt_reason_unknown_codes_total{").size(), 3U);
  for (const auto& line : lines_with(text, "_total{")) EXPECT_TRUE(line.ends_with(" 0")) << line;
}

TEST(Exposition, ObservableIsOneOnlyForWhatTheRecordsProve) {
  FeedSample feed = test::quiet_feed("log", SourceKind::log);
  feed.visibility = {};
  feed.visibility.add(test::kNotAuthorized);
  feed.visibility.add(feed.coverage.denials[0]);
  const std::string text = render({&feed, 1}, kBuild, {});
  const std::string of = "mqtt_reason_observable{broker=\"edge\",source=\"log\",packet=\"";
  for (const char* line :
       {"CONNACK\",direction=\"sent\"} 1\n", "PUBACK\",direction=\"sent\"} 0\n",
        "DISCONNECT\",direction=\"received\"} 0\n", "PUBLISH\",direction=\"received\"} 1\n",
        "SUBSCRIBE\",direction=\"received\"} 0\n"})
    EXPECT_THAT(text, HasSubstr(of + line));
}

TEST(Exposition, OnlyTheKindOfSourceThatHasAMetricShowsIt) {
  const FeedSample log = test::quiet_feed("a", SourceKind::log);
  const FeedSample mqtt = test::quiet_feed("a", SourceKind::mqtt);
  const std::string of_log = render({&log, 1}, kBuild, {});
  const std::string of_mqtt = render({&mqtt, 1}, kBuild, {});
  EXPECT_THAT(of_log, HasSubstr("mqtt_reason_log_lag_bytes"));
  EXPECT_THAT(of_mqtt, Not(HasSubstr("mqtt_reason_log_")));
  EXPECT_THAT(of_mqtt, HasSubstr("mqtt_reason_source_connects_total"));
  EXPECT_THAT(of_log, Not(HasSubstr("mqtt_reason_source_connects_total")));
}

TEST(Exposition, HostileNamesCannotSpoilTheScrape) {
  struct Row {
    const char* why;
    std::string name;
  };
  const Row rows[] = {
      {"quote and backslash", R"(a"b\c)"}, {"a line of its own", "x\nmqtt_reason_codes_total 1"},
      {"no UTF-8", "\xff\xfe\x80"},        {"terminal escape", "\x1b[2J"},
      {"NUL", std::string("a\0b", 3)},     {"bidi override", "a\u202Eb"},
      {"long", std::string(100000, 'x')}};
  const FeedSample clean = test::quiet_feed("log", SourceKind::log);
  const std::string text_of_clean = render({&clean, 1}, kBuild, {});
  const auto lines = std::count(text_of_clean.begin(), text_of_clean.end(), '\n');
  for (const Row& row : rows) {
    FeedSample feed = clean;
    feed.broker = row.name;
    feed.source = row.name;
    const std::string text = render({&feed, 1}, {row.name, row.name, row.name}, {});
    EXPECT_TRUE(is_utf8(text)) << row.why;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), lines) << row.why;
    EXPECT_EQ(std::count_if(text.begin(), text.end(), [](char c) { return c != '\n' && c >= 0 && c < ' '; }),
              0)
        << row.why;
    EXPECT_LT(text.size(), 200'000U) << row.why;
  }
}

TEST(Exposition, WithheldCountersAreNotServed) {
  FeedSample feed = test::quiet_feed("log", SourceKind::log);
  feed.withheld = true;
  const std::string text = render({&feed, 1}, kBuild, {});
  EXPECT_THAT(text, HasSubstr("mqtt_reason_checkpoint_withheld{broker=\"edge\",source=\"log\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mqtt_reason_source_up{broker=\"edge\",source=\"log\"} 1\n"));
  for (const char* counter :
       {"mqtt_reason_codes_total", "mqtt_reason_closes", "mqtt_reason_denials", "mqtt_reason_source_records"})
    EXPECT_THAT(text, testing::Not(HasSubstr(counter))) << "it may be below what was served before";
}

TEST(Exposition, CountersHaveNoExponent) {
  FeedSample feed = test::quiet_feed("log", SourceKind::log);
  feed.status.record_bytes = 9'007'199'254'740'991;  // the largest integer that a double holds exactly
  EXPECT_THAT(render({&feed, 1}, kBuild, {}), HasSubstr(" 9007199254740991\n"));
}

TEST(Exposition, WithoutFeedsOnlyBuildInfoIsServed) {
  const std::string text = render({}, kBuild, {});
  EXPECT_EQ(lines_with(text, "# TYPE").size(), 1U);
  EXPECT_THAT(text, HasSubstr("mqtt_reason_exporter_build_info{version=\"0.1.0\",revision=\"abcdef0\","
                              "compiler=\"g++ 12.2.0\"} 1\n"));
}

}  // namespace
}  // namespace mre
