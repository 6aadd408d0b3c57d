// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/brokers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <numeric>
#include <thread>

#include "tests/support/poll.h"
#include "tests/support/temp_dir.h"

// Brokers that come, change and go while logs are written: each line counts once, whoever was there.

namespace mre {
namespace {

constexpr const char* kLine = "1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n";
constexpr const char* kUnclear = "1700000000: some other text\n";

using Configs = std::vector<BrokerConfig>;

class BrokersTest : public testing::TestWithParam<bool> {
 protected:
  BrokerConfig broker(const std::string& name, const std::string& profile = "mosquitto") const {
    LogOptions log;
    log.path = dir_.file(name);
    BrokerConfig config;
    config.name = name;
    if (profile == "auto") config.candidates = detectable_profiles({}).value();
    config.sources = {{"log", profile == "auto" ? nullptr : find_profile(profile, {}).value(), log, false}};
    return config;
  }
  static LogOptions& log_of(BrokerConfig& config) { return std::get<LogOptions>(config.sources[0].options); }

  void start(const Configs& configs) {
    for (const BrokerConfig& config : configs) write(config.name, "");
    const StateOptions options{GetParam() ? dir_.file("state") : StateOptions::kNone};
    brokers_ = std::move(*Brokers::make(configs, std::move(*StateStore::open(options))));
    brokers_->start();
  }
  void change_to(const Configs& configs) const {
    const auto changed = brokers_->change_to(configs);
    ASSERT_TRUE(changed) << changed.error().what;
  }
  void write(const std::string& name, const std::string& lines) const {
    std::ofstream(dir_.file(name), std::ios::app) << lines;
  }
  /// Records by broker, as scraped now.
  std::map<std::string, std::uint64_t> records() const {
    std::map<std::string, std::uint64_t> all;
    for (const FeedSample& sample : brokers_->scrape())
      all[sample.broker] += std::accumulate(sample.records.begin(), sample.records.end(), std::uint64_t{0});
    return all;
  }
  void expect_records(const std::map<std::string, std::uint64_t>& wanted) const {
    EXPECT_TRUE(test::eventually([&] { return records() == wanted; })) << testing::PrintToString(records());
  }

  const test::TempDir dir_;
  std::unique_ptr<Brokers> brokers_;
};

INSTANTIATE_TEST_SUITE_P(State, BrokersTest, testing::Bool(),
                         [](const auto& mode) { return mode.param ? "OnDisk" : "InMemory"; });

TEST_P(BrokersTest, AnUnchangedBrokerContinuesUntouched) {
  start({broker("hall")});
  write("hall", kLine);
  expect_records({{"hall", 1}});
  const FeedSample before = brokers_->samples().at(0);
  BrokerConfig moved = broker("hall");
  moved.place = "elsewhere.yaml:7:5: ";
  change_to({broker("annex"), moved});
  write("hall", kLine);
  expect_records({{"annex", 0}, {"hall", 2}});
  EXPECT_EQ(brokers_->samples().at(1).status.failures, before.status.failures);
}

TEST_P(BrokersTest, AChangedBrokerContinuesItsCounters) {
  start({broker("hall"), broker("annex")});
  std::uint64_t lines = 0;
  BrokerConfig hall = broker("hall");
  const std::pair<const char*, std::function<void()>> changes[] = {
      {"the options of its source", [&] { log_of(hall).max_line_bytes = 1000; }},
      {"where a start begins", [&] { log_of(hall).from = LogOptions::From::end; }},
      {"where a start begins, once more", [&] { log_of(hall).from = LogOptions::From::beginning; }},
      {"back to the checkpoint", [&] { log_of(hall).from = LogOptions::From::checkpoint; }},
      {"what counts", [&] { hall.authority = {{"log", mqtt::Packet::connack, std::nullopt}}; }},
      {"its profile is to be chosen",
       [&] {
         hall.candidates = detectable_profiles({}).value();
         hall.sources[0].profile = nullptr;
         hall.authority.clear();
       }},
      {"a second source",
       [&] {
         hall = broker("hall");
         LogOptions other;
         other.path = dir_.file("none");
         hall.sources.push_back({"other", hall.sources[0].profile, other, false});
       }},
  };
  for (const auto& [why, change] : changes) {
    SCOPED_TRACE(why);
    write("hall", kLine);  // perhaps not read yet
    ++lines;
    change();
    change_to({hall, broker("annex")});
    write("hall", kLine);
    ++lines;
    expect_records({{"annex", 0}, {"hall", lines}});
  }
}

TEST_P(BrokersTest, ARemovedBrokerResumesFromItsCheckpointWhenItReturns) {
  start({broker("hall"), broker("annex")});
  write("annex", kLine);
  expect_records({{"annex", 1}, {"hall", 0}});
  change_to({broker("hall")});
  write("annex", kLine);
  expect_records({{"hall", 0}});
  change_to({broker("annex"), broker("hall")});
  expect_records({{"annex", GetParam() ? 2 : 0}, {"hall", 0}});
  write("annex", kLine);
  expect_records({{"annex", GetParam() ? 3 : 1}, {"hall", 0}});
}

TEST_P(BrokersTest, RecordsReadForDetectionAreCountedWhenTheProfileIsNamed) {
  start({broker("hall", "auto")});
  write("hall", kUnclear);
  ASSERT_TRUE(test::eventually([&] { return brokers_->samples().at(0).last_record_timestamp_seconds > 0; }));
  BrokerConfig changed = broker("hall", "auto");
  changed.candidates.pop_back();  // still to be chosen, among fewer
  change_to({changed});
  expect_records({{"hall", 0}});
  change_to({broker("hall")});
  write("hall", kLine);
  expect_records({{"hall", 2}});
}

TEST_P(BrokersTest, AnotherLogUnderTheSameNameStartsAtItsOwnPosition) {
  start({broker("hall")});
  write("hall", kLine);
  expect_records({{"hall", 1}});
  write("other", std::string(kLine) + kLine);
  BrokerConfig changed = broker("hall");
  log_of(changed).path = dir_.file("other");
  log_of(changed).from = LogOptions::From::beginning;
  change_to({changed});
  expect_records({{"hall", 3}});
}

TEST_P(BrokersTest, NoScrapeMissesABrokerOrSeesACounterGoDown) {
  start({broker("hall"), broker("annex")});
  std::atomic<bool> end = false;
  std::uint64_t written = 0;
  std::jthread writer([&] {
    for (; !end; ++written) write("hall", kLine);
  });
  std::jthread scraper([&] {
    for (std::uint64_t before = 0; !end;) {
      auto now = records();
      ASSERT_TRUE(now.contains("hall"));
      ASSERT_GE(now["hall"], before);
      before = now["hall"];
    }
  });
  for (std::size_t i = 1; i <= 20; ++i) {
    BrokerConfig hall = broker("hall");
    if (i % 3 != 0) log_of(hall).max_files = i;
    change_to(i % 2 == 0 ? Configs{hall, broker("annex")} : Configs{hall});
  }
  end = true;
  writer.join();
  scraper.join();
  EXPECT_TRUE(test::eventually([&] { return records()["hall"] == written; }))
      << records()["hall"] << " of " << written;
}

}  // namespace
}  // namespace mre
