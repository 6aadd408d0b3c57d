// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/drive.h"

#include <gtest/gtest.h>

#include "tests/feed/scripted.h"

namespace mre {
namespace {

using test::count_of;
using test::log_options;
using test::outcome;
using test::ScriptedDecoder;
using test::ScriptedSource;
using test::Step;

TEST(Drive, CountsRecordsByWhatBecameOfThem) {
  struct Row {
    const char* why;
    std::deque<Step> script;
    std::array<std::uint64_t, kOutcomes> records;  // matched, ignored, unrecognised, malformed
    std::uint64_t not_authorized, no_subscribers, closes;
  };
  const Row rows[] = {
      {"nothing at all", {}, {0, 0, 0, 0}, 0, 0, 0},
      {"one event", {{Step::Kind::record, "a"}}, {1, 0, 0, 0}, 1, 0, 0},
      {"several events in a record", {{Step::Kind::record, "aasc"}}, {1, 0, 0, 0}, 2, 1, 1},
      {"empty record", {{Step::Kind::record, ""}}, {0, 0, 1, 0}, 0, 0, 0},
      {"each outcome",
       {{Step::Kind::record, "a"},
        {Step::Kind::record, "i"},
        {Step::Kind::record, "u"},
        {Step::Kind::record, "m"}},
       {1, 1, 1, 1},
       1,
       0,
       0},
      {"a retained message is no event",
       {{Step::Kind::record, "a", true}, {Step::Kind::record, "a"}},
       {1, 1, 0, 0},
       1,
       0,
       0},
      {"silence in between",
       {{Step::Kind::record, "a"}, test::silence(), {Step::Kind::record, "a"}},
       {2, 0, 0, 0},
       2,
       0,
       0},
  };
  for (Row row : rows) {
    row.script.push_back(test::end());
    ScriptedSource source(row.script);
    ScriptedDecoder decoder;
    Drive drive(log_options(), source, decoder);
    ASSERT_TRUE(drive.drain()) << row.why;
    const FeedSample& sample = drive.sample();
    EXPECT_EQ(sample.records, row.records) << row.why;
    EXPECT_EQ(count_of(sample, test::kNotAuthorized), row.not_authorized) << row.why;
    EXPECT_EQ(count_of(sample, test::kNoSubscribers), row.no_subscribers) << row.why;
    EXPECT_EQ(test::count_of_closes(sample), row.closes) << row.why;
    EXPECT_EQ(sample.last_event_timestamp_seconds > 0, row.not_authorized + row.closes > 0) << row.why;
    EXPECT_TRUE(sample.ended) << row.why;
  }
}

TEST(Drive, CountsTheRecordsInARowThatItsProfileDoesNotKnow) {
  const struct {
    const char* why;
    std::deque<Step> script;
    std::uint64_t strange;
  } cases[] = {
      {"none", {}, 0},
      {"unrecognised and malformed ones", {{Step::Kind::record, "u"}, {Step::Kind::record, "m"}}, 2},
      {"one that is known between",
       {{Step::Kind::record, "u"}, {Step::Kind::record, "i"}, {Step::Kind::record, "u"}},
       1},
      {"the last is known", {{Step::Kind::record, "u"}, {Step::Kind::record, "a"}}, 0},
      {"a retained message says nothing about it",
       {{Step::Kind::record, "u"}, {Step::Kind::record, "a", true}},
       1},
  };
  for (const auto& c : cases) {
    std::deque<Step> script = c.script;
    script.push_back(test::end());
    ScriptedSource source(script);
    ScriptedDecoder decoder;
    Drive drive(log_options(), source, decoder);
    ASSERT_TRUE(drive.drain()) << c.why;
    EXPECT_EQ(drive.sample().records_strange, c.strange) << c.why;
  }
}

TEST(Drive, BeforeTheFirstRecordTheCoverageIsThereAsZero) {
  ScriptedSource source;
  ScriptedDecoder decoder;
  const Drive drive(log_options(), source, decoder);
  EXPECT_EQ(drive.sample().counts.codes.size(), decoder.coverage().codes.size());
  EXPECT_EQ(drive.sample().counts.closes.size(), decoder.coverage().closes.size());
  EXPECT_EQ(drive.sample().broker, "edge");
  EXPECT_EQ(drive.sample().last_record_timestamp_seconds, 0);
  EXPECT_TRUE(drive.sample().status.up);
}

TEST(Drive, ALogCountsItselfOnlyWhileTheCaptureIsBlind) {
  const auto sight = std::make_shared<CaptureSight>();
  ScriptedSource packets({test::end()});
  ScriptedSource lines;
  ScriptedDecoder wire_decoder;
  ScriptedDecoder log_decoder;
  FeedOptions of_capture{"edge", "wire", "mqtt packets", "capture", {test::all_of_it()}, sight};
  FeedOptions of_log = log_options();
  of_log.authority = {Authority{.codes = {}, .closes = false}, test::all_of_it()};
  of_log.capture = sight;

  packets.mutable_status().up = false;
  Drive capture(of_capture, packets, wire_decoder);
  Drive log(of_log, lines, log_decoder);
  const auto read_one_line = [&] {
    lines.push({Step::Kind::record, "aac"});
    ASSERT_TRUE(log.take());
    log.refresh();
  };
  const auto expect = [&](std::uint64_t counted, std::uint64_t shadowed, const char* why) {
    FeedSample shadow;
    shadow.counts = log.sample().shadow;
    EXPECT_EQ(count_of(log.sample(), test::kNotAuthorized), counted) << why;
    EXPECT_EQ(test::count_of_closes(log.sample()), counted / 2) << why;
    EXPECT_EQ(count_of(shadow, test::kNotAuthorized), shadowed) << why;
  };
  read_one_line();
  expect(2, 0, "it may not read the interface");
  packets.mutable_status().up = true;
  capture.refresh();
  read_one_line();
  expect(2, 2, "the capture sees");
  packets.mutable_status().unreadable = true;
  capture.refresh();
  read_one_line();
  expect(4, 2, "everything is TLS");

  ByteWriter saved;
  log.save(saved);
  ScriptedDecoder next_decoder;
  Drive next(of_log, lines, next_decoder);
  ASSERT_TRUE(next.restore(saved.bytes()));
  EXPECT_EQ(count_of(next.sample(), test::kNotAuthorized), 4U);
  EXPECT_EQ(next.sample().shadow.codes.size(), log.sample().shadow.codes.size());
}

TEST(Drive, WhatTheSourceSkippedIsMalformedByItsCause) {
  ScriptedSource source({{Step::Kind::record, "m"}, test::end()});
  source.mutable_status().records_oversized = 3;
  ScriptedDecoder decoder;
  Drive drive(log_options(), source, decoder);
  ASSERT_TRUE(drive.drain());
  const FeedSample& sample = drive.sample();
  EXPECT_EQ(outcome(sample, Outcome::malformed), 4U);
  EXPECT_EQ(sample.record_errors[static_cast<std::size_t>(RecordError::oversized)], 3U);
  EXPECT_EQ(sample.record_errors[static_cast<std::size_t>(RecordError::invalid_json)], 1U);
  EXPECT_EQ(sample.record_errors[static_cast<std::size_t>(RecordError::none)], 0U);
}

TEST(Drive, TheEndSettlesAndAnErrorDoesToo) {
  struct Row {
    const char* why;
    Step last;
    bool ended;
  };
  for (const Row& row :
       {Row{"end of stream", test::end(), true}, Row{"error", test::error("disk on fire"), false}}) {
    ScriptedSource source({{Step::Kind::record, "wwa"}, row.last});
    ScriptedDecoder decoder;
    Drive drive(log_options(), source, decoder);
    const auto drained = drive.drain();
    EXPECT_EQ(drained.has_value(), row.ended) << row.why;
    EXPECT_EQ(drained ? "" : drained.error().what, row.ended ? "" : "disk on fire") << row.why;
    EXPECT_EQ(drive.sample().ended, row.ended) << row.why;
    EXPECT_EQ(count_of(drive.sample(), test::kNormalEnd), 2U) << row.why;
    EXPECT_EQ(count_of(drive.sample(), test::kNotAuthorized), 1U) << row.why;
  }
}

/// Writes down what it is told.
class Notes final : public DriveObserver {
 public:
  void on_record(const Record& record, const Decoded& decoded, const Found& found) override {
    lines.push_back(std::string(record.payload) + ":" + std::string(to_string(decoded.outcome)) +
                    tell(found));
  }
  void on_settle(const Found& found) override { lines.push_back("settle" + tell(found)); }
  void on_progress(const FeedSample& sample) override {
    progress.push_back(outcome(sample, Outcome::matched));
  }

  std::vector<std::string> lines;
  std::vector<std::uint64_t> progress;

 private:
  static std::string tell(const Found& found) {
    return " " + std::to_string(found.codes.size()) + "+" + std::to_string(found.closes.size());
  }
};

TEST(Drive, AnObserverSeesEachRecordWithItsEvents) {
  ScriptedSource source({{Step::Kind::record, "aa"},
                         {Step::Kind::record, "i"},
                         {Step::Kind::record, "wc"},
                         {Step::Kind::record, "a", true},
                         test::end()});
  ScriptedDecoder decoder;
  Notes notes;
  Drive drive(log_options(), source, decoder, &notes);
  ASSERT_TRUE(drive.drain());
  const std::vector<std::string> expected = {"aa:matched 2+0", "i:ignored 0+0", "wc:matched 0+1",
                                             "a:ignored 0+0", "settle 1+0"};
  EXPECT_EQ(notes.lines, expected);
}

TEST(Drive, ProgressIsToldOnTheWayAndAtTheEnd) {
  constexpr std::uint64_t total = 10'000;
  std::deque<Step> script(total, Step{Step::Kind::record, "a"});
  script.push_back(test::end());
  ScriptedSource source(std::move(script));
  ScriptedDecoder decoder;
  Notes notes;
  Drive drive(log_options(), source, decoder, &notes);
  ASSERT_TRUE(drive.drain());
  ASSERT_GE(notes.progress.size(), 3U) << "at the latest every 4096 records";
  EXPECT_LE(notes.progress.front(), 4096U);
  EXPECT_EQ(notes.progress.back(), total);
}

TEST(Drive, GoesOnFromWhatWasSaved) {
  ScriptedSource first({{Step::Kind::record, "aacdd"}, {Step::Kind::record, "m"}, test::end()});
  first.mutable_status().renames = 2;
  ScriptedDecoder decoder;
  Drive before(log_options(), first, decoder);
  ASSERT_TRUE(before.drain());
  ByteWriter out;
  before.save(out);

  ScriptedSource second({{Step::Kind::record, "a"}, test::end()});
  second.mutable_status().renames = 1;
  Drive after(log_options(), second, decoder);
  ASSERT_TRUE(after.restore(out.bytes()));
  EXPECT_EQ(after.sample().last_event_timestamp_seconds, before.sample().last_event_timestamp_seconds);
  EXPECT_EQ(after.sample().since_timestamp_seconds, before.sample().since_timestamp_seconds);
  EXPECT_GT(after.sample().since_timestamp_seconds, 0);
  EXPECT_EQ(after.revision(), before.revision() + 1) << "the second source's rename";
  ASSERT_TRUE(after.drain());
  EXPECT_EQ(count_of(after.sample(), test::kNotAuthorized), 3U);
  EXPECT_EQ(test::count_of_closes(after.sample()), 1U);
  EXPECT_EQ(test::count_of_denials(after.sample()), 2U);
  EXPECT_EQ(outcome(after.sample(), Outcome::matched), 2U);
  EXPECT_EQ(outcome(after.sample(), Outcome::malformed), 1U);
  EXPECT_EQ(after.sample().status.renames, 3U);
  EXPECT_EQ(after.sample().status.record_bytes, 7U);
}

TEST(Drive, NoEventIsLaterThanTheLastRecord) {
  ScriptedSource source({{Step::Kind::record, "w"}, test::silence()});
  ScriptedDecoder decoder;
  Drive drive(log_options(), source, decoder);
  ASSERT_TRUE(drive.take());
  drive.refresh();
  const double record = drive.sample().last_record_timestamp_seconds;
  ASSERT_GT(record, 0);
  EXPECT_EQ(drive.sample().last_event_timestamp_seconds, 0) << "it waits for a later record";
  drive.settle();
  drive.refresh();
  EXPECT_EQ(drive.sample().last_event_timestamp_seconds, record);
}

/// How many bytes of `drive` an exporter without denials would have written: all but the list and the time at
/// the end.
std::size_t bytes_of_an_earlier_version(const Drive& drive, std::string_view saved) {
  ReasonCounters denials(drive.sample().coverage, 512);
  for (const auto& series : drive.sample().counts.denials)
    for (std::uint64_t i = 0; i < series.count; ++i) denials.add(series.event);
  ByteWriter out;
  denials.save_denials(out);
  out.word(0);
  return saved.size() - out.bytes().size();
}

TEST(Drive, GoesOnFromWhatAnEarlierVersionSaved) {
  ScriptedSource source({{Step::Kind::record, "aacd"}, test::end()});
  ScriptedDecoder decoder;
  Drive before(log_options(), source, decoder);
  ASSERT_TRUE(before.drain());
  ByteWriter out;
  before.save(out);
  ScriptedSource none;
  Drive after(log_options(), none, decoder);
  ASSERT_TRUE(after.restore(
      std::string_view(out.bytes()).substr(0, bytes_of_an_earlier_version(before, out.bytes()))));
  EXPECT_EQ(count_of(after.sample(), test::kNotAuthorized), 2U);
  EXPECT_EQ(test::count_of_closes(after.sample()), 1U);
  EXPECT_EQ(test::count_of_denials(after.sample()), 0U) << "it knew none";
  EXPECT_EQ(after.sample().since_timestamp_seconds, 0) << "nor since when it counted";
}

TEST(Drive, TakesOverNothingOfBytesThatAreCut) {
  ScriptedSource source({{Step::Kind::record, "aacd"}, test::end()});
  ScriptedDecoder decoder;
  Drive before(log_options(), source, decoder);
  ASSERT_TRUE(before.drain());
  ByteWriter out;
  before.save(out);
  for (std::size_t size = 0; size < out.bytes().size(); ++size) {
    if (size == bytes_of_an_earlier_version(before, out.bytes())) continue;
    ScriptedSource none;
    Drive after(log_options(), none, decoder);
    EXPECT_FALSE(after.restore(std::string_view(out.bytes()).substr(0, size))) << size;
    EXPECT_EQ(after.revision(), 0U) << size;
  }
}

}  // namespace
}  // namespace mre
