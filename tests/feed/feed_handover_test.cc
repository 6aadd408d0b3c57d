// SPDX-License-Identifier: Apache-2.0
// What a feed hands over to its successor in the same process.
#include <gtest/gtest.h>

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

/// The feed that resumes, with the source that was handed over, or else `fresh`.
std::unique_ptr<Feed> successor(ResumableSource left, std::unique_ptr<Source> fresh = nullptr) {
  auto input = left.input ? std::move(left.input) : test::scripted_input(std::move(fresh));
  input->records()->set_decoder(std::make_unique<test::ScriptedDecoder>());
  ByteReader known(left.resume.checkpoint.decoder);
  EXPECT_TRUE(input->restore_state(known));
  auto feed = std::make_unique<Feed>(log_options(), std::move(input), std::move(left.resume));
  feed->start();
  return feed;
}

/// A feed that has counted one event, while another waits for a later record.
class FeedHandoverTest : public testing::Test {
 protected:
  void start(std::shared_ptr<CheckpointStore> store) {
    auto source = std::make_unique<ScriptedSource>(std::deque<Step>{{Step::Kind::record, "aw"}});
    source_ = source.get();
    feed_ = std::make_unique<Feed>(log_options(), test::scripted_input(std::move(source)),
                                   ResumePoint{.store = std::move(store)});
    feed_->start();
    ASSERT_TRUE(test::eventually([&] { return outcome(feed_->scrape(), Outcome::matched) == 1; }));
  }
  std::shared_ptr<CheckpointStore> store() {
    return std::make_shared<CheckpointStore>(CheckpointFile(directory_, "edge@log"));
  }

  const test::TempDir dir_;
  std::shared_ptr<const StateDirectory> directory_ = StateDirectory::open(dir_.path()).value();
  ScriptedSource* source_ = nullptr;  // the first feed's
  std::unique_ptr<Feed> feed_;
};

TEST_F(FeedHandoverTest, SourceDecoderAndCountersAreHandedOverInMemoryAndOnDisk) {
  for (const bool on_disk : {false, true}) {
    start(on_disk ? store() : nullptr);
    const auto next = successor(feed_->hand_over({.source = true, .decoder = true}));
    EXPECT_EQ(count_of(feed_->scrape(), test::kNotAuthorized), 1U) << "the old one can still be asked";
    EXPECT_EQ(count_of(feed_->scrape(), test::kNormalEnd), 0U);
    source_->push({Step::Kind::record, "a"});
    ASSERT_TRUE(test::eventually([&] { return count_of(next->scrape(), test::kNotAuthorized) == 2; }));
    EXPECT_EQ(count_of(next->sample(), test::kNormalEnd), 0U) << "it still waits for a later record";
    EXPECT_EQ(next->sample().status.record_bytes, 3U) << "what the source says of itself, once";
    EXPECT_EQ(next->scrape().checkpoint.durable, on_disk);
    source_->push(test::silence());  // looks like the interruption that stopped the first feed
    ASSERT_TRUE(test::eventually([&] {
      source_->push(test::silence());
      return count_of(next->scrape(), test::kNormalEnd) == 1;
    }));
    next->stop();
  }
}

TEST_F(FeedHandoverTest, WaitingEventsAreCountedIfTheDecoderIsNotHandedOver) {
  start(store());
  ResumableSource left = feed_->hand_over({.source = true, .decoder = false});
  EXPECT_EQ(count_of(feed_->sample(), test::kNormalEnd), 1U);
  EXPECT_EQ(count_of(successor(std::move(left))->sample(), test::kNormalEnd), 1U);
}

TEST_F(FeedHandoverTest, AClosedSourceHandsOverItsPositionAndCounts) {
  start(nullptr);
  source_->push({Step::Kind::record, "a"});
  ResumableSource left = feed_->hand_over({.source = false, .decoder = true});
  EXPECT_FALSE(left.input);
  EXPECT_EQ(ByteReader(left.resume.checkpoint.position).number(), 3U) << "the bytes of both records";
  const auto next = successor(std::move(left), std::make_unique<ScriptedSource>());
  EXPECT_EQ(count_of(next->sample(), test::kNotAuthorized), 2U);
  EXPECT_EQ(next->sample().status.record_bytes, 3U);
}

TEST_F(FeedHandoverTest, TheCheckpointStoreIsHandedOverWithItsCounters) {
  start(store());
  const std::uint64_t writes = feed_->scrape().checkpoint.writes;
  const auto next = successor(feed_->hand_over({.source = true, .decoder = true}));
  for (int i = 0; i < 3; ++i) {  // the old one writes no more
    feed_->write_due_checkpoint();
    feed_->scrape();
  }
  source_->push({Step::Kind::record, "a"});
  ASSERT_TRUE(test::eventually([&] { return count_of(next->scrape(), test::kNotAuthorized) == 2; }));
  EXPECT_GE(next->scrape().checkpoint.writes, writes);
  next->stop();
  const CheckpointStore on_disk(CheckpointFile(directory_, "edge@log"));
  Feed after(log_options(), test::scripted_input(std::make_unique<ScriptedSource>()),
             {.checkpoint = on_disk.found()});
  EXPECT_EQ(count_of(after.sample(), test::kNotAuthorized), 2U);
}

TEST_F(FeedHandoverTest, AFeedAtTheEndOfItsStreamHandsOverItsCounters) {
  start(nullptr);
  source_->push(test::end());
  ASSERT_TRUE(test::eventually([&] { return feed_->sample().ended; }));
  const auto next = successor(feed_->hand_over({.source = true, .decoder = true}));
  ASSERT_TRUE(test::eventually([&] { return next->sample().ended; }));
  EXPECT_EQ(count_of(next->sample(), test::kNotAuthorized), 1U);
  EXPECT_EQ(count_of(next->sample(), test::kNormalEnd), 1U) << "once";
}

}  // namespace
}  // namespace mre
