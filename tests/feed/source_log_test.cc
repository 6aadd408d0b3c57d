// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/source_log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "tests/metrics/samples.h"

namespace mre {
namespace {

/// What is logged while it lives.
class Logged {
 public:
  Logged() {
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_, true));
    logger->set_pattern("%l %v");
    spdlog::set_default_logger(std::move(logger));
  }
  ~Logged() { spdlog::set_default_logger(before_); }
  Logged(const Logged&) = delete;
  Logged& operator=(const Logged&) = delete;

  std::string text() const { return text_.str(); }
  std::ptrdiff_t lines() const { return std::ranges::count(text(), '\n'); }

 private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream text_;
};

TEST(SourceLog, LogsEachChangeOfStateOnce) {
  const Logged logged;
  SourceLog log;
  FeedSample sample = test::quiet_feed("log", SourceKind::log);
  for (const char* state : {"reading a", "reading a", "reading b", "reading a"}) {
    sample.status.state = state;
    log.log_state(sample);
  }
  log.log_state(sample, "disk on fire");
  EXPECT_EQ(logged.text(),
            "info broker edge, source log: reading a\ninfo broker edge, source log: reading b\n"
            "info broker edge, source log: reading a\nwarning broker edge, source log: disk on fire\n");
}

TEST(SourceLog, LimitsTheLinesOfAPeerThatChangesItsStateAllTheTime) {
  const Logged logged;
  const auto start = std::chrono::steady_clock::now();
  SourceLog log;
  FeedSample sample = test::quiet_feed("mqtt", SourceKind::mqtt);
  for (int i = 0; i < 3000; ++i) {
    sample.status.up = i % 2 == 0;
    sample.status.state = i % 2 == 0 ? "subscribed" : "closed";
    log.log_state(sample);
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start);
  EXPECT_GE(logged.lines(), 20);
  EXPECT_LE(logged.lines(), 20 + took.count() / 10 + 1);
}

TEST(SourceLog, LogsOnceThatTheProfileDoesNotFitAndThatItFitsAgain) {
  const Logged logged;
  SourceLog log;
  FeedSample sample = test::quiet_feed("log", SourceKind::log);
  sample.status.state = "reading";
  sample.records = {1, 0, 0, 0};
  for (const std::uint64_t unread : {0U, 999U, 1000U, 5000U, 0U, 10U}) {
    sample.unread_streak = unread;
    log.log_state(sample);
  }
  EXPECT_EQ(logged.text(),
            "info broker edge, source log: reading\n"
            "warning broker edge, source log: none of the latest 1000 records was recognised: check that the "
            "profile mosquitto is the right one. \"replay --explain\" prints what a profile reads.\n"
            "info broker edge, source log: the records are recognised again\n");
}

TEST(SourceLog, SaysThatTheProfileDoesNotFitWhereAllRecordsAreMalformed) {
  const Logged logged;
  SourceLog log;
  FeedSample sample = test::quiet_feed("mqtt", SourceKind::mqtt);
  sample.status.state = "subscribed";
  sample.records = {};
  sample.records[static_cast<std::size_t>(Outcome::malformed)] = sample.unread_streak = 1026;
  log.log_state(sample);
  EXPECT_EQ(
      logged.text(),
      "warning broker edge, source mqtt: none of the latest 1026 records was recognised: check that the "
      "profile mosquitto is the right one. \"replay --explain\" prints what a profile reads.\n"
      "info broker edge, source mqtt: subscribed\n");
}

}  // namespace
}  // namespace mre
