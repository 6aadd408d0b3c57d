// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/count_history.h"

#include <gtest/gtest.h>

#include <numeric>

namespace mre {
namespace {

constexpr double kStart = 0;
constexpr ReasonEvent kRefused{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x87,
                               Evidence::code_in_record};

FeedSample feed(const char* source, std::uint64_t refused, double since = kStart) {
  FeedSample sample;
  sample.broker = "hall";
  sample.source = source;
  sample.since_timestamp_seconds = since;
  sample.counts.codes = {{.event = kRefused,
                          .cls = mqtt::Class::error,
                          .row = mqtt::find(kRefused.protocol, kRefused.packet, 0x87),
                          .count = refused}};
  return sample;
}

class History {
 public:
  void add(std::vector<FeedSample> feeds, double time) { history_.add(feeds, (time)); }
  std::uint64_t hour(double time) const {
    const auto rows = history_.rows((time));
    return rows.empty() ? 0 : rows.at(0).last_hour;
  }
  std::uint64_t five_minutes(double time) const {
    const auto rows = history_.rows((time));
    return rows.empty() ? 0 : rows.at(0).last_5_minutes;
  }
  const CountHistory& all() const { return history_; }

 private:
  CountHistory history_{kStart};
};

TEST(CountHistory, CountsWhatCountersGrowBy) {
  History history;
  history.add({feed("log", 0)}, 1000);
  EXPECT_EQ(history.hour(1000), 0U);
  history.add({feed("log", 3)}, 1015);
  history.add({feed("log", 3)}, 1030);
  history.add({feed("log", 10)}, 1045);
  EXPECT_EQ(history.hour(1045), 10U);
  EXPECT_EQ(history.five_minutes(1045), 10U);
  const auto rows = history.all().rows((1045));
  EXPECT_EQ(rows.at(0).broker, "hall");
  EXPECT_EQ(what(rows.at(0).kind), "CONNACK sent");
  EXPECT_EQ(rows.at(0).kind.reason, "not_authorized");
}

TEST(CountHistory, ForgetsAfterFiveMinutesAndAfterAnHour) {
  History history;
  history.add({feed("log", 5)}, 1000);
  EXPECT_EQ(history.five_minutes(1000 + 4 * 60), 5U);
  EXPECT_EQ(history.five_minutes(1000 + 6 * 60), 0U);
  EXPECT_EQ(history.hour(1000 + 59 * 60), 5U);
  EXPECT_EQ(history.hour(1000 + 61 * 60), 0U);
  EXPECT_TRUE(history.all().rows((1000 + 61 * 60)).empty());
  history.add({feed("log", 7)}, 1'000'000);  // much later
  EXPECT_EQ(history.hour(1'000'000), 2U);
}

TEST(CountHistory, EveryMinuteHasItsCount) {
  History history;
  for (int i = 0; i <= 240; ++i) history.add({feed("log", static_cast<std::uint64_t>(i))}, 15 * i);
  const auto rows = history.all().rows((15 * 240));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(std::accumulate(rows[0].minutes.begin(), rows[0].minutes.end(), std::uint64_t{0}),
            rows[0].last_hour);
  EXPECT_EQ(rows[0].last_hour, 240U);
  EXPECT_EQ(rows[0].last_5_minutes, 20U);
  for (const std::uint64_t minute : rows[0].minutes) EXPECT_EQ(minute, 4U);
}

TEST(CountHistory, CountersFromBeforeTheStartAreNotRecent) {
  History history;
  history.add({feed("log", 500, kStart - 10)}, 1000);
  EXPECT_EQ(history.hour(1000), 0U);
  history.add({feed("log", 502, kStart - 10)}, 1015);
  EXPECT_EQ(history.hour(1015), 2U);
}

TEST(CountHistory, FeedsThatShowNoCountsAreSkipped) {
  History history;
  FeedSample withheld = feed("log", 4, kStart - 10);
  withheld.withheld = true;
  FeedSample waiting;
  waiting.broker = "hall";
  waiting.source = "log";
  history.add({waiting}, 1000);
  history.add({withheld}, 1015);
  history.add({feed("log", 500, kStart - 10)}, 1030);
  EXPECT_EQ(history.hour(1030), 0U) << "restored, not counted now";
  history.add({feed("log", 501, kStart - 10)}, 1045);
  EXPECT_EQ(history.hour(1045), 1U);
}

TEST(CountHistory, SumsTheSourcesOfABrokerAndForgetsThoseThatLeft) {
  History history;
  history.add({feed("log", 2), feed("capture", 3)}, 1000);
  EXPECT_EQ(history.hour(1000), 5U);
  history.add({feed("log", 2)}, 1015);
  EXPECT_EQ(history.hour(1015), 2U);
}

TEST(CountHistory, HasABoundForEachFeed) {
  FeedSample sample = feed("log", 0);
  sample.counts.codes.clear();
  for (std::size_t packet = 0; packet < mqtt::kPackets; ++packet) {
    for (const mqtt::Reason& reason : mqtt::reasons()) {
      sample.counts.codes.push_back({.event = {static_cast<mqtt::Packet>(packet), mqtt::Direction::sent,
                                               mqtt::Protocol::v5, reason.code, Evidence::code_in_record},
                                     .cls = reason.cls,
                                     .row = &reason,
                                     .count = 1});
    }
  }
  CountHistory history(kStart);
  history.add(std::vector{sample}, (1000));
  EXPECT_EQ(history.rows((1000)).size(), CountHistory::kMaxSeries);
}

}  // namespace
}  // namespace mre
