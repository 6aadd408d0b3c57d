// SPDX-License-Identifier: Apache-2.0
// What a scrape shows while a feed writes checkpoints, and what the next feed resumes from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>

#include "exporter/feed/feed.h"
#include "tests/feed/scripted.h"
#include "tests/support/poll.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using test::count_of;
using test::log_options;
using test::outcome;
using test::ScriptedSource;
using test::Step;

class FeedCheckpointTest : public testing::Test {
 protected:
  std::unique_ptr<CheckpointStore> store() {
    return std::make_unique<CheckpointStore>(CheckpointFile(directory_, "edge@log"), [this] { ++requests_; });
  }

  /// A feed that resumes from what is on disk.
  std::unique_ptr<Feed> next_feed(std::deque<Step> script = {}) {
    auto found = store();
    auto source = std::make_unique<ScriptedSource>(std::move(script));
    source_ = source.get();
    auto input = test::scripted_input(std::move(source));
    ByteReader known(found->found().decoder);
    EXPECT_EQ(input->restore_state(known), !found->found().decoder.empty());
    ResumePoint resume{.checkpoint = found->found(), .may_be_old = found->may_be_old()};
    position_ = found->found().position;
    resume.store = std::move(found);
    return std::make_unique<Feed>(log_options(), std::move(input), std::move(resume));
  }

  const test::TempDir dir_;
  std::shared_ptr<const StateDirectory> directory_ = StateDirectory::open(dir_.path()).value();
  ScriptedSource* source_ = nullptr;  // of the last feed
  std::string position_;              // that the last feed began at
  std::atomic<int> requests_ = 0;     // for checkpoints
};

TEST_F(FeedCheckpointTest, WhatAScrapeShowsIsOnDisk) {
  std::uint64_t counted = 0;
  for (int process = 0; process < 3; ++process) {
    auto feed = next_feed();
    feed->start();
    for (int i = 0; i < 3; ++i) {
      source_->push({Step::Kind::record, "ac"});
      ASSERT_TRUE(
          test::eventually([&] { return count_of(feed->scrape(), test::kNotAuthorized) == counted + 1; }));
      ++counted;
      // As if the process were killed now.
      const auto on_disk = store();
      Feed after(log_options(), test::scripted_input(std::make_unique<ScriptedSource>()),
                 {.checkpoint = on_disk->found()});
      EXPECT_EQ(count_of(after.sample(), test::kNotAuthorized), counted);
      EXPECT_EQ(test::count_of_closes(after.sample()), counted);
      EXPECT_EQ(outcome(after.sample(), Outcome::matched), counted);
      EXPECT_GT(after.sample().last_event_timestamp_seconds, 1.0e9);
    }
  }
}

TEST_F(FeedCheckpointTest, StartsOfTheBrokerSurviveRestartsOfTheExporter) {
  for (std::uint64_t starts = 2; starts <= 6; starts += 2) {
    auto feed = next_feed({{Step::Kind::record, "b"}, {Step::Kind::record, "b"}});
    feed->start();
    ASSERT_TRUE(test::eventually([&] { return feed->scrape().decoder.broker_starts == starts; }));
    feed->stop();
  }
  EXPECT_EQ(next_feed()->sample().decoder.broker_starts, 6U);
}

TEST_F(FeedCheckpointTest, StoppingWritesAllThreeParts) {
  auto feed = next_feed({{Step::Kind::record, "aw"}});
  feed->start();
  ASSERT_TRUE(test::eventually([&] { return outcome(feed->sample(), Outcome::matched) == 1; }));
  feed->stop();
  EXPECT_EQ(count_of(feed->sample(), test::kNormalEnd), 0U) << "it waits for a later record";
  feed = next_feed();
  EXPECT_FALSE(position_.empty());
  EXPECT_EQ(count_of(feed->sample(), test::kNotAuthorized), 1U);
  EXPECT_EQ(feed->sample().decoder.clients_remembered, 1U) << "the decoder's part";
  EXPECT_EQ(feed->sample().status.record_bytes, 2U);
}

TEST_F(FeedCheckpointTest, ManyScrapesShareOneCheckpoint) {
  auto feed = next_feed();
  feed->start();
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t writes = 0;
  for (int i = 0; i < 1000; ++i) {
    source_->push({Step::Kind::record, "a"});
    writes = feed->scrape().checkpoint.writes;
  }
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_LE(writes, 3 + static_cast<std::uint64_t>(took / std::chrono::milliseconds(200)));
}

TEST_F(FeedCheckpointTest, NothingIsWrittenWhileNothingIsCounted) {
  auto feed = next_feed({{Step::Kind::record, "a"}});
  feed->start();
  ASSERT_TRUE(test::eventually([&] { return count_of(feed->scrape(), test::kNotAuthorized) == 1; }));
  const std::uint64_t writes = feed->scrape().checkpoint.writes;
  const std::string before = dir_.read("edge@log.0") + dir_.read("edge@log.1");
  for (int i = 0; i < 5; ++i) feed->write_due_checkpoint();
  feed->stop();
  EXPECT_EQ(feed->scrape().checkpoint.writes, writes);
  EXPECT_EQ(dir_.read("edge@log.0") + dir_.read("edge@log.1"), before);
}

TEST_F(FeedCheckpointTest, TheFirstPositionIsWrittenBeforeAnythingIsCounted) {
  auto feed = next_feed();
  feed->start();
  feed->write_due_checkpoint();
  EXPECT_EQ(feed->scrape().checkpoint.writes, 1U);
  EXPECT_FALSE(store()->found().position.empty());
}

TEST_F(FeedCheckpointTest, ACheckpointIsRequestedWhenSomethingIsCounted) {
  auto feed = next_feed();
  feed->start();
  EXPECT_EQ(requests_, 1) << "the first position";
  EXPECT_EQ(feed->write_due_checkpoint(), Deadline::max()) << "nothing more to write";
  EXPECT_EQ(feed->write_due_checkpoint(), Deadline::max());
  EXPECT_EQ(requests_, 1);
  source_->push({Step::Kind::record, "a"});
  ASSERT_TRUE(test::eventually([&] { return requests_ == 2; }));
  source_->push({Step::Kind::record, "a"});
  ASSERT_TRUE(test::eventually([&] { return count_of(feed->sample(), test::kNotAuthorized) == 2; }));
  EXPECT_EQ(requests_, 2) << "one request is enough until it is written";
  ASSERT_TRUE(test::eventually([&] {
    const Deadline next = feed->write_due_checkpoint();
    EXPECT_TRUE(next == Deadline::max() ||
                next <= std::chrono::steady_clock::now() + std::chrono::seconds(1));
    return next == Deadline::max();
  }));
  source_->push({Step::Kind::record, "a"});
  ASSERT_TRUE(test::eventually([&] { return requests_ == 3; }));
}

TEST_F(FeedCheckpointTest, AFailedCheckpointIsRetriedAtItsTime) {
  auto feed = next_feed();
  feed->start();
  EXPECT_EQ(feed->write_due_checkpoint(), Deadline::max());
  std::filesystem::remove_all(dir_.path());
  source_->push({Step::Kind::record, "a"});
  ASSERT_TRUE(test::eventually([&] { return feed->scrape().checkpoint.failures > 0; }));
  const Deadline next = feed->write_due_checkpoint();
  EXPECT_GT(next, std::chrono::steady_clock::now() - std::chrono::seconds(1));
  EXPECT_LT(next, std::chrono::steady_clock::now() + std::chrono::seconds(5));
}

TEST_F(FeedCheckpointTest, ContinuesInMemoryIfNothingCanBeWritten) {
  auto feed = next_feed();
  feed->start();
  source_->push({Step::Kind::record, "a"});
  ASSERT_TRUE(test::eventually([&] { return feed->scrape().checkpoint.durable; }));
  std::filesystem::remove_all(dir_.path());
  source_->push({Step::Kind::record, "a"});
  ASSERT_TRUE(test::eventually([&] { return count_of(feed->scrape(), test::kNotAuthorized) == 2; }));
  ASSERT_TRUE(test::eventually([&] { return feed->scrape().checkpoint.failures > 0; }));
  EXPECT_FALSE(feed->scrape().checkpoint.durable);
}

TEST_F(FeedCheckpointTest, AnOldCheckpointIsNotShownUntilTheSourceHasCaughtUp) {
  auto feed = next_feed({{Step::Kind::record, "a"}});
  feed->start();
  ASSERT_TRUE(test::eventually([&] { return count_of(feed->scrape(), test::kNotAuthorized) == 1; }));
  source_->push({Step::Kind::record, "a"});
  ASSERT_TRUE(test::eventually([&] { return count_of(feed->sample(), test::kNotAuthorized) == 2; }));
  feed->stop();
  ASSERT_FALSE(dir_.read("edge@log.1").empty());
  dir_.write("edge@log.0", "damaged");
  feed = next_feed();
  EXPECT_TRUE(feed->sample().withheld);
  EXPECT_EQ(feed->scrape().checkpoint.rejected[static_cast<std::size_t>(CheckpointReject::damaged)], 1U);
  feed->start();
  ASSERT_TRUE(test::eventually([&] { return !feed->scrape().withheld; }));
}

TEST_F(FeedCheckpointTest, InvalidCountersStartAtZero) {
  Feed feed(log_options(), test::scripted_input(std::make_unique<ScriptedSource>()),
            {.checkpoint = {.profile = {}, .position = {}, .decoder = {}, .counts = "no counters"}});
  EXPECT_EQ(outcome(feed.sample(), Outcome::matched), 0U);
}

}  // namespace
}  // namespace mre
