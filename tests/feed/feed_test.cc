// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/feed.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/feed/scripted.h"

namespace mre {
namespace {

using test::count_of;
using test::log_options;
using test::outcome;
using test::ScriptedSource;
using test::Step;

/// Polls until `holds` or, long after any sane machine, fails the test.
FeedSample wait_for(const Feed& feed, const std::function<bool(const FeedSample&)>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    FeedSample sample = feed.sample();
    if (holds(sample)) return sample;
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "waited in vain";
      return sample;
    }
    std::this_thread::yield();
  }
}

/// A feed over a script, and the script to continue it.
struct Scripted {
  explicit Scripted(std::deque<Step> script = {})
      : Scripted(std::make_unique<ScriptedSource>(std::move(script))) {}
  explicit Scripted(std::unique_ptr<ScriptedSource> owned)
      : source(*owned), feed(log_options(), test::scripted_input(std::move(owned))) {}

  ScriptedSource& source;  // the feed owns it
  Feed feed;
};

TEST(Feed, BeforeItsStartAllSeriesAreZero) {
  const Scripted t;
  const FeedSample sample = t.feed.sample();
  EXPECT_EQ(sample.broker, "edge");
  EXPECT_EQ(sample.counts.codes.size(), test::coverage().codes.size());
  EXPECT_EQ(outcome(sample, Outcome::matched), 0U);
}

TEST(Feed, PublishesWhenNothingIsLeftToRead) {
  Scripted t;
  t.feed.start();
  for (std::uint64_t i = 1; i <= 20; ++i) {
    t.source.push({Step::Kind::record, "ac"});
    const FeedSample sample =
        wait_for(t.feed, [&](const auto& s) { return outcome(s, Outcome::matched) == i; });
    EXPECT_EQ(count_of(sample, test::kNotAuthorized), i);
    EXPECT_GT(sample.last_record_timestamp_seconds, 1.0e9);
    EXPECT_GT(sample.last_event_timestamp_seconds, 1.0e9);
  }
}

TEST(Feed, SilenceSettlesWaitingEvents) {
  Scripted t({{Step::Kind::record, "w"}, test::silence()});
  t.feed.start();
  const FeedSample sample =
      wait_for(t.feed, [](const auto& s) { return count_of(s, test::kNormalEnd) == 1; });
  EXPECT_EQ(sample.decoder.clients_remembered, 0U);
  EXPECT_FALSE(sample.ended);
}

TEST(Feed, EndsWithItsStream) {
  Scripted t({{Step::Kind::record, "aw"}, test::end()});
  t.feed.start();
  const FeedSample sample = wait_for(t.feed, [](const auto& s) { return s.ended; });
  EXPECT_EQ(count_of(sample, test::kNotAuthorized), 1U);
  EXPECT_EQ(count_of(sample, test::kNormalEnd), 1U);
}

TEST(Feed, ContinuesAfterAnError) {
  Scripted t({{Step::Kind::record, "a"}, test::error("away"), {Step::Kind::record, "a"}});
  t.feed.start();
  const FeedSample sample =
      wait_for(t.feed, [](const auto& s) { return outcome(s, Outcome::matched) == 2 && s.status.up; });
  EXPECT_EQ(count_of(sample, test::kNotAuthorized), 2U);
}

TEST(Feed, AFailingSourceIsDownAndItsStateSaysWhy) {
  struct Failing final : Source {
    Result<std::optional<Record>> next(Deadline) override { return fail(Errc::io, "disk on fire"); }
    void interrupt() override {}
    bool save(ByteWriter&) override { return true; }
    const SourceStatus& status() override { return status_; }
    SourceStatus status_{.up = true, .state = "fine"};
  };
  Feed feed(log_options(), test::scripted_input(std::make_unique<Failing>()));
  feed.start();
  const FeedSample sample = wait_for(feed, [](const auto& s) { return !s.status.up; });
  EXPECT_EQ(sample.status.state, "disk on fire");
}

TEST(Feed, StopsInEveryStateAndTwice) {
  struct Row {
    const char* why;
    std::unique_ptr<Source> source;
    std::function<bool(const FeedSample&)> reached;
  };
  using Script = std::deque<Step>;
  Row rows[] = {
      {"just started", std::make_unique<ScriptedSource>(), [](const auto&) { return true; }},
      {"waiting for a record", std::make_unique<ScriptedSource>(Script{{Step::Kind::record, "a"}}),
       [](const auto& s) { return outcome(s, Outcome::matched) == 1; }},
      {"in a flood without end", std::make_unique<test::EndlessSource>(),
       [](const auto& s) { return outcome(s, Outcome::matched) > 0; }},
      {"backing off", std::make_unique<ScriptedSource>(Script(1000, test::error("away"))),
       [](const auto& s) { return !s.status.up; }},
      {"at the end of its stream", std::make_unique<ScriptedSource>(Script{test::end()}),
       [](const auto& s) { return s.ended; }},
  };
  for (Row& row : rows) {
    Feed feed(log_options(), test::scripted_input(std::move(row.source)));
    feed.start();
    wait_for(feed, row.reached);
    const auto begin = std::chrono::steady_clock::now();
    feed.stop();
    feed.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30)) << row.why;
  }
}

TEST(Feed, StopsIfItWasNeverStarted) {
  Scripted t;
  t.feed.stop();
}

TEST(Feed, PublishesEverythingWhenItStops) {
  Scripted t;
  t.feed.start();
  t.source.push({Step::Kind::record, "aw"});
  wait_for(t.feed, [](const auto& s) { return outcome(s, Outcome::matched) == 1; });
  t.feed.stop();
  EXPECT_EQ(count_of(t.feed.sample(), test::kNormalEnd), 1U) << "nothing waits for ever";
}

TEST(Feed, ASampleIsOneMomentBetweenTwoRecords) {
  Feed feed(log_options(), test::scripted_input(std::make_unique<test::EndlessSource>()));
  feed.start();
  std::atomic<bool> done = false;
  const auto watch = [&] {
    std::uint64_t last = 0;
    while (!done) {
      const FeedSample sample = feed.sample();
      const std::uint64_t records = outcome(sample, Outcome::matched);
      ASSERT_EQ(count_of(sample, test::kNotAuthorized), records);
      ASSERT_EQ(test::count_of_closes(sample), records);
      ASSERT_EQ(sample.status.record_bytes, records);
      ASSERT_GE(records, last) << "a counter never falls";
      last = records;
    }
  };
  {
    const std::jthread first(watch), second(watch);
    wait_for(feed, [](const auto& s) { return outcome(s, Outcome::matched) > 100'000; });
    done = true;
  }
}

TEST(Feed, LogsTheStateOncePerChange) {
  testing::internal::CaptureStdout();
  {
    auto source = std::make_unique<ScriptedSource>();
    source->mutable_status().state = "reading \x1b[31mx";
    Scripted t(std::move(source));
    t.feed.start();
    for (std::uint64_t i = 1; i <= 50; ++i) {
      t.source.push({Step::Kind::record, "a"});
      wait_for(t.feed, [&](const auto& s) { return outcome(s, Outcome::matched) == i; });
    }
    for (int i = 0; i < 3; ++i) t.source.push({Step::Kind::record, "vi"});
    for (const char* why : {"away {}", "away {}", "further away"}) t.source.push(test::error(why));
    t.source.push({Step::Kind::record, "a"});
    wait_for(t.feed, [](const auto& s) { return outcome(s, Outcome::matched) == 51 && s.status.up; });
  }
  const std::string log = testing::internal::GetCapturedStdout();
  const auto times = [&log](const std::string& part) {
    std::size_t count = 0;
    for (auto at = log.find(part); at != std::string::npos; at = log.find(part, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(times("broker edge, source log: reading \\x1B[31mx\n"), 2U) << "up, and up again:\n" << log;
  EXPECT_EQ(times("source log: away {}\n"), 1U) << log;
  EXPECT_EQ(times("source log: further away\n"), 1U) << log;
  EXPECT_EQ(times("the broker has version 9.9.9, which the profile mosquitto was not tested with"), 1U)
      << log;
  EXPECT_EQ(times("\n"), 5U) << log;
}

}  // namespace
}  // namespace mre
