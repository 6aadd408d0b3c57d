// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/broker.h"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "tests/support/poll.h"
#include "tests/support/temp_dir.h"

// The life of a broker whose profile is to be chosen. What is chosen is ProfileDetector's and
// ProfileSelection's.

namespace mre {
namespace {

constexpr const char* kLines =
    "1700000000: New client connected from 192.0.2.1:5000 as c1 (p5, c1, k60).\n"
    "1700000000: Sending CONNACK to c1 (0, 0)\n"
    "1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n";
constexpr const char* kUnknownLine = "22 Nov 10:00:00 somebroker: a client came\n";

SourceConfig log_source(const std::string& name, const std::string& path) {
  LogOptions options;
  options.path = path;
  return {name, nullptr, std::move(options), false};
}

std::unique_ptr<Broker> make(const std::string& name, std::vector<SourceConfig> sources) {
  BrokerConfig config;
  config.name = name;
  config.sources = std::move(sources);
  config.candidates = detectable_profiles({}).value();
  static const StateStore in_memory;
  auto broker = Broker::make(config, in_memory);
  EXPECT_TRUE(broker) << broker.error().what;
  return std::move(*broker);
}

std::uint64_t records(const FeedSample& sample) {
  return std::accumulate(sample.records.begin(), sample.records.end(), std::uint64_t{0});
}

/// PUBACK 0x87 that went to clients of MQTT 5.
std::uint64_t count_of_puback_denied(const FeedSample& sample) {
  std::uint64_t count = 0;
  for (const auto& series : sample.counts.codes) {
    const ReasonEvent& event = series.event;
    if (event.packet == mqtt::Packet::puback && event.code == 0x87 && event.protocol == mqtt::Protocol::v5)
      count += series.count;
  }
  return count;
}

TEST(Broker, CountsTheRecordsThatTheProfileWasDetectedFrom) {
  const test::TempDir dir;
  const auto broker = make("", {log_source("log", dir.file("l"))});
  const FeedSample before = broker->samples().at(0);
  EXPECT_EQ(before.broker, "auto");
  EXPECT_EQ(before.profile, "auto");
  EXPECT_EQ(before.kind, SourceKind::log);
  EXPECT_FALSE(before.status.up);
  EXPECT_TRUE(before.counts.codes.empty());
  broker->start();
  dir.write("l", kLines);
  ASSERT_TRUE(test::eventually([&] { return records(broker->samples().at(0)) == 3; }));
  const FeedSample after = broker->samples().at(0);
  EXPECT_EQ(after.broker, "mosquitto") << "it had no name of its own";
  EXPECT_EQ(after.profile, "mosquitto");
  EXPECT_FALSE(after.coverage.codes.empty());
  EXPECT_TRUE(after.status.up);
  broker->stop();
  EXPECT_EQ(records(broker->samples().at(0)), 3U);
}

TEST(Broker, UsesEarlierLinesForDetectionWithoutCountingThem) {
  const test::TempDir dir;
  const std::string log = dir.write("l", kLines);
  const auto broker = make("hall", {log_source("log", log)});
  broker->start();
  ASSERT_TRUE(test::eventually([&] { return broker->samples().at(0).profile == "mosquitto"; }))
      << broker->samples().at(0).status.state << "; the log: " << dir.read("l");
  EXPECT_EQ(broker->samples().at(0).broker, "hall");
  std::ofstream(log, std::ios::app) << "1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n";
  ASSERT_TRUE(test::eventually([&] { return records(broker->samples().at(0)) > 0; }));
  broker->stop();
  EXPECT_EQ(records(broker->samples().at(0)), 1U);
}

TEST(Broker, EarlierLinesAreNotNewRecords) {
  const test::TempDir dir;
  const std::string log = dir.write("l", kUnknownLine);
  const auto broker = make("hall", {log_source("silent", log), log_source("log", dir.file("later"))});
  broker->start();
  // Once the other source's file is seen, the earlier lines of this one have been read.
  dir.write("later", "");
  ASSERT_TRUE(test::eventually([&] { return broker->samples().at(1).status.up; }));
  EXPECT_EQ(broker->samples().at(0).last_record_timestamp_seconds, 0.0);
}

TEST(Broker, OneSourceDecidesTheProfileOfAll) {
  const test::TempDir dir;
  const auto broker =
      make("hall", {log_source("silent", dir.file("none")), log_source("log", dir.write("l", kLines))});
  broker->start();
  ASSERT_TRUE(test::eventually([&] { return broker->samples().at(0).profile == "mosquitto"; }));
  const auto samples = broker->samples();
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].source, "silent");
  EXPECT_EQ(samples[1].source, "log");
  EXPECT_EQ(samples[1].profile, "mosquitto");
  EXPECT_TRUE(samples[0].authority.normal.closes);
  EXPECT_FALSE(samples[1].authority.normal.closes) << "one event, one count";
}

TEST(Broker, ACaptureStartsBeforeTheProfileIsDetected) {
  const test::TempDir dir;
  const CaptureOptions elsewhere{.interface = "no-such-interface"};
  const auto broker = make("hall", {log_source("log", dir.file("l")), {"wire", nullptr, elsewhere, false}});
  broker->start();
  const auto sample_of = [&](const std::string& source) {
    const auto samples = broker->samples();
    return *std::ranges::find(samples, source, &FeedSample::source);
  };
  EXPECT_EQ(sample_of("log").profile, "auto");
  EXPECT_EQ(sample_of("wire").kind, SourceKind::capture);
  EXPECT_FALSE(sample_of("wire").coverage.codes.empty());
  EXPECT_FALSE(sample_of("wire").status.up);
  dir.write("l", kLines);
  ASSERT_TRUE(test::eventually([&] { return sample_of("log").profile == "mosquitto"; }));
  ASSERT_TRUE(test::eventually([&] { return records(sample_of("log")) == 3; }));
  const FeedSample log = sample_of("log");
  std::uint64_t counted = 0;
  for (const auto& series : log.counts.codes) counted += series.count;
  EXPECT_EQ(counted, 2U) << "the capture cannot read anything: the log counts";
  EXPECT_FALSE(log.authority.normal.counts(log.coverage.codes[0])) << "if it were not, the capture would";
}

TEST(Broker, StopsDuringDetection) {
  const test::TempDir dir;
  const std::string log = dir.write("l", "");
  const auto broker = make("hall", {log_source("log", log)});
  broker->start();
  std::ofstream(log, std::ios::app) << kUnknownLine;
  ASSERT_TRUE(test::eventually([&] { return broker->samples().at(0).last_record_timestamp_seconds > 0; }));
  const FeedSample sample = broker->samples().at(0);
  EXPECT_EQ(sample.status.state, "reading the first records to detect the profile");
  EXPECT_TRUE(sample.status.up);
  EXPECT_EQ(records(sample), 0U) << "it is not counted yet";
  broker->stop();
  EXPECT_EQ(broker->samples().at(0).profile, "auto");
}

// ---- Started again with what an earlier one left. A line counts once, whoever was there when it came.

class BrokerStartedAgain : public testing::Test {
 protected:
  std::unique_ptr<Broker> start(StateOptions::Counters counters = StateOptions::Counters::on,
                                LogOptions::From from = LogOptions::From::checkpoint) {
    state_ = std::make_unique<StateStore>(StateStore::open({dir_.file("state"), counters}).value());
    BrokerConfig config;
    config.sources = {log_source("log", log_)};
    std::get<LogOptions>(config.sources[0].options).from = from;
    config.candidates = detectable_profiles({}).value();
    auto broker = std::move(*Broker::make(config, *state_));
    broker->start();
    return broker;
  }
  void end(std::unique_ptr<Broker> broker) {
    broker = nullptr;
    state_ = nullptr;
  }
  void append(const std::string& lines) const { std::ofstream(log_, std::ios::app) << lines; }

  const test::TempDir dir_;
  const std::string log_ = dir_.file("l");
  std::unique_ptr<StateStore> state_;
};

TEST_F(BrokerStartedAgain, ResumesWithPositionCountersAndProfile) {
  auto broker = start();
  append(kLines);
  ASSERT_TRUE(test::eventually([&] { return records(broker->scrape().at(0)) == 3; }));
  end(std::move(broker));
  append("1700000002: Sending PUBACK to c1 (m1, rc135)\n");
  broker = start();
  EXPECT_EQ(broker->samples().at(0).profile, "mosquitto") << "no new choice";
  ASSERT_TRUE(test::eventually([&] { return records(broker->scrape().at(0)) == 4; }));
  const FeedSample sample = broker->scrape().at(0);
  EXPECT_TRUE(sample.checkpoint.durable);
  EXPECT_EQ(count_of_puback_denied(sample), 1U) << "the client's version is known from before";
}

TEST_F(BrokerStartedAgain, StartsCountersAtZeroIfConfigured) {
  auto broker = start();
  append(kLines);
  ASSERT_TRUE(test::eventually([&] { return records(broker->scrape().at(0)) == 3; }));
  end(std::move(broker));
  append("1700000002: Sending CONNACK to 192.0.2.2 (0, 135)\n");
  broker = start(StateOptions::Counters::off);
  ASSERT_TRUE(test::eventually([&] { return records(broker->scrape().at(0)) == 1; }));
}

TEST_F(BrokerStartedAgain, StoresNothingOfALogThatIsReadFromItsBeginning) {
  append(kLines);
  for (int i = 0; i < 2; ++i) {
    auto broker = start(StateOptions::Counters::on, LogOptions::From::beginning);
    ASSERT_TRUE(test::eventually([&] { return records(broker->scrape().at(0)) == 3; }));
    EXPECT_FALSE(broker->scrape().at(0).checkpoint.durable);
    end(std::move(broker));
  }
}

}  // namespace
}  // namespace mre
