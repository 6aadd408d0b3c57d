// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <type_traits>

#include "exporter/base/text.h"
#include "exporter/metrics/catalog.h"
#include "exporter/metrics/openmetrics.h"
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

/// A series line of the text format.
prometheus::ClientMetric parse_series(std::string_view line, prometheus::MetricType type) {
  prometheus::ClientMetric series;
  const std::size_t brace = line.find('{');
  std::size_t at = std::min(brace, line.find(' '));
  while (line[at] != ' ') {  // at { or a comma
    const std::size_t equals = line.find('=', at);
    prometheus::ClientMetric::Label label{std::string(line.substr(at + 1, equals - at - 1)), ""};
    for (at = equals + 2; line[at] != '"'; ++at) {
      if (line[at] == '\\') ++at;
      label.value += line[at];
    }
    series.label.push_back(label);
    at += line[at + 1] == '}' ? 2U : 1U;
  }
  const double value = std::stod(std::string(line.substr(at + 1)));
  (type == prometheus::MetricType::Counter ? series.counter.value : series.gauge.value) = value;
  return series;
}

std::vector<prometheus::MetricFamily> parse(const std::string& text) {
  std::vector<prometheus::MetricFamily> families;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const std::string rest = line.starts_with("# ") ? line.substr(7) : line;
    if (line.starts_with("# HELP ")) {
      families.emplace_back();
      families.back().name = rest.substr(0, rest.find(' '));
      families.back().help = rest.substr(rest.find(' ') + 1);
    } else if (line.starts_with("# TYPE ")) {
      families.back().type =
          rest.ends_with(" counter") ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    } else {
      families.back().metric.push_back(parse_series(line, families.back().type));
    }
  }
  return families;
}

TEST(Exposition, PrometheusCppWritesTheSameFamiliesWithTheSameBytes) {
  std::vector<FeedSample> feeds = busy_feeds();
  feeds.push_back(test::quiet_feed("quotes \" and \\ and \xC3\xA9", SourceKind::log));
  feeds.back().status.record_bytes = std::uint64_t{1} << 60;
  feeds.back().status.lag_bytes = (std::uint64_t{1} << 53) + 1;
  feeds.back().last_record_timestamp_seconds = 1763793500.1234567;
  const ProcessStats process{0.1 + 0.2, 1e15, 1e16, 1e17, 1e-7, 1763793418.25};
  const std::string text = render(feeds, kBuild, process, kConfig, kConfig);
  EXPECT_EQ(prometheus::TextSerializer().Serialize(parse(text)), text);
}

TEST(Exposition, OpenMetricsHasTheSameSeriesAsTheTextFormat) {
  const auto series_of = [](ExpositionFormat format) {
    std::vector<std::string> series;
    for (const std::string& line :
         lines_with(render(busy_feeds(), kBuild, kProcess, kConfig, kConfig, format), ""))
      if (!line.starts_with("#")) series.push_back(line);
    return series;
  };
  EXPECT_EQ(series_of(ExpositionFormat::openmetrics), series_of(ExpositionFormat::text));
}

TEST(Exposition, OpenMetricsNamesFamiliesUnitsAndItsEnd) {
  const std::string text =
      render(busy_feeds(), kBuild, kProcess, kConfig, kConfig, ExpositionFormat::openmetrics);
  for (const char* part :
       {"# TYPE mqtt_reason_codes counter\n# HELP mqtt_reason_codes MQTT", "\nmqtt_reason_codes_total{",
        "# TYPE mqtt_reason_source_record_bytes counter\n# UNIT mqtt_reason_source_record_bytes bytes\n",
        "# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\n",
        "# TYPE mqtt_reason_capture_connections gauge\n",
        "# TYPE mqtt_reason_capture_connections_total unknown\n"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  EXPECT_EQ(lines_with(text, "# EOF").size(), 1U);
}

TEST(Exposition, AnExemplarIsServedInOpenMetricsOnly) {
  FeedSample feed = test::quiet_feed("log", SourceKind::log);
  feed.counts.codes[0].count = 7;
  feed.counts.codes[0].exemplar =
      std::make_shared<const Exemplar>(Exemplar{{{"client", "a\"b"}, {"peer", "::1"}}, 1, 1763793500.5});
  const std::string text = render({&feed, 1}, kBuild, {});
  const std::string openmetrics =
      render({&feed, 1}, kBuild, {}, std::nullopt, std::nullopt, ExpositionFormat::openmetrics);
  const std::string exemplar = R"( # {client="a\"b",peer="::1"} 1 1763793500.5)";
  EXPECT_EQ(lines_with(text, exemplar).size(), 0U);
  ASSERT_EQ(lines_with(openmetrics, exemplar).size(), 1U);
  EXPECT_TRUE(lines_with(openmetrics, exemplar)[0].ends_with("} 7" + exemplar));
  EXPECT_TRUE(lines_with(openmetrics, exemplar)[0].starts_with("mqtt_reason_codes_total{"));
}

TEST(Exposition, LabelsOfAnExemplarHaveAtMost128Characters) {
  struct Row {
    const char* why;
    std::vector<std::pair<std::string, std::string>> labels;
    std::string expected;
  };
  const std::string e_acute = "\xC3\xA9";
  std::string accents;
  for (int i = 0; i < 127; ++i) accents += e_acute;
  const Row rows[] = {
      {"none", {}, " # {} 1"},
      {"as long as allowed", {{"a", std::string(127, 'x')}}, " # {a=\"" + std::string(127, 'x') + "\"} 1"},
      {"characters, not bytes", {{"a", accents}}, " # {a=\"" + accents + "\"} 1"},
      {"too long", {{"a", std::string(128, 'x')}}, " # {} 1"},
      {"what fits beside it stays",
       {{"a", std::string(128, 'x')}, {"b", std::string(127, 'y')}, {"c", "z"}},
       " # {b=\"" + std::string(127, 'y') + "\"} 1"},
      {"a line of its own", {{"a", "x\ny"}}, " # {a=\"x\\\\x0Ay\"} 1"},
  };
  for (const Row& row : rows) EXPECT_EQ(openmetrics_exemplar({row.labels, 1, 0}), row.expected) << row.why;
}

TEST(Exposition, EveryRowOfTheCatalogHasASeriesInItsOrder) {
  const std::string text =
      render(busy_feeds(), kBuild, kProcess, kConfig, kConfig, ExpositionFormat::text,
             EventLineCounts{.written = 5, .above_rate = 4, .queue_full = 3, .not_written = 2});
  EXPECT_NE(text.find("mqtt_reason_event_lines_dropped_total{cause=\"rate\"} 4\n"), std::string::npos);
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
  const auto reverse = [](auto& list) {
    std::remove_reference_t<decltype(list)> reversed;
    for (std::size_t i = list.size(); i > 0; --i) reversed.push_back(list[i - 1]);
    list = reversed;
  };
  for (FeedSample& feed : feeds) {
    reverse(feed.counts.codes);
    reverse(feed.counts.closes);
    reverse(feed.coverage.codes);
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
