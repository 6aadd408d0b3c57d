// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/feed_loop.h"

#include "exporter/event/event_text.h"

#include <gtest/gtest.h>

#include "tests/feed/scripted.h"

namespace mre {
namespace {

using test::count_of;
using test::log_options;
using test::outcome;
using test::ScriptedInput;
using test::Step;

TEST(FeedLoop, CountsRecordsByOutcome) {
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
      {"a retained message is not an event",
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
    ScriptedInput scripted(row.script);
    FeedLoop loop(log_options(), scripted.input);
    ASSERT_TRUE(loop.drain()) << row.why;
    const FeedSample& sample = loop.sample();
    EXPECT_EQ(sample.records, row.records) << row.why;
    EXPECT_EQ(count_of(sample, test::kNotAuthorized), row.not_authorized) << row.why;
    EXPECT_EQ(count_of(sample, test::kNoSubscribers), row.no_subscribers) << row.why;
    EXPECT_EQ(test::count_of_closes(sample), row.closes) << row.why;
    EXPECT_EQ(sample.last_event_timestamp_seconds > 0, row.not_authorized + row.closes > 0) << row.why;
    EXPECT_TRUE(sample.ended) << row.why;
  }
}

TEST(FeedLoop, CountsUnreadRecordsInARow) {
  const struct {
    const char* why;
    std::deque<Step> script;
    std::uint64_t unread;
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
    ScriptedInput scripted(script);
    FeedLoop loop(log_options(), scripted.input);
    ASSERT_TRUE(loop.drain()) << c.why;
    EXPECT_EQ(loop.sample().unread_streak, c.unread) << c.why;
  }
}

TEST(FeedLoop, BeforeTheFirstRecordTheCoverageIsZero) {
  ScriptedInput scripted;
  const FeedLoop loop(log_options(), scripted.input);
  EXPECT_EQ(loop.sample().counts.codes.size(), scripted.decoder.coverage().codes.size());
  EXPECT_EQ(loop.sample().counts.closes.size(), scripted.decoder.coverage().closes.size());
  EXPECT_EQ(loop.sample().broker, "edge");
  EXPECT_EQ(loop.sample().last_record_timestamp_seconds, 0);
  EXPECT_TRUE(loop.sample().status.up);
}

TEST(FeedLoop, ALogCountsOnlyWhileTheCaptureCannotRead) {
  const auto visibility = std::make_shared<CaptureVisibility>();
  ScriptedInput packets({test::end()});
  ScriptedInput lines;
  FeedOptions of_capture{"edge",    "wire", "mqtt packets", SourceKind::capture, {test::all_of_it()},
                         visibility};
  FeedOptions of_log = log_options();
  of_log.authority = {Authority{.codes = {}, .closes = false}, test::all_of_it()};
  of_log.capture = visibility;

  packets.source.mutable_status().up = false;
  FeedLoop capture(of_capture, packets.input);
  FeedLoop log(of_log, lines.input);
  const auto read_one_line = [&] {
    lines.source.push({Step::Kind::record, "aac"});
    ASSERT_TRUE(log.poll_batch());
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
  packets.source.mutable_status().up = true;
  capture.refresh();
  read_one_line();
  expect(2, 2, "the capture sees");
  packets.source.mutable_status().unreadable = true;
  capture.refresh();
  read_one_line();
  expect(4, 2, "everything is TLS");

  ByteWriter saved;
  log.save(saved);
  ScriptedInput after_restart;
  FeedLoop next(of_log, after_restart.input);
  ASSERT_TRUE(next.restore(saved.bytes()));
  EXPECT_EQ(count_of(next.sample(), test::kNotAuthorized), 4U);
  EXPECT_EQ(next.sample().shadow.codes.size(), log.sample().shadow.codes.size());
}

TEST(FeedLoop, LinesThatTheSourceSkipsAreMalformed) {
  ScriptedInput scripted({{Step::Kind::record, "m"}, test::end()});
  scripted.source.mutable_status().records_oversized = 3;
  FeedLoop loop(log_options(), scripted.input);
  ASSERT_TRUE(loop.drain());
  const FeedSample& sample = loop.sample();
  EXPECT_EQ(outcome(sample, Outcome::malformed), 4U);
  EXPECT_EQ(sample.record_errors[static_cast<std::size_t>(RecordError::oversized)], 3U);
  EXPECT_EQ(sample.record_errors[static_cast<std::size_t>(RecordError::invalid_json)], 1U);
  EXPECT_EQ(sample.record_errors[static_cast<std::size_t>(RecordError::none)], 0U);
}

TEST(FeedLoop, TheEndAndAnErrorSettleWaitingEvents) {
  struct Row {
    const char* why;
    Step last;
    bool ended;
  };
  for (const Row& row :
       {Row{"end of stream", test::end(), true}, Row{"error", test::error("disk on fire"), false}}) {
    ScriptedInput scripted({{Step::Kind::record, "wwa"}, row.last});
    FeedLoop loop(log_options(), scripted.input);
    const auto drained = loop.drain();
    EXPECT_EQ(drained.has_value(), row.ended) << row.why;
    EXPECT_EQ(drained ? "" : drained.error().what, row.ended ? "" : "disk on fire") << row.why;
    EXPECT_EQ(loop.sample().ended, row.ended) << row.why;
    EXPECT_EQ(count_of(loop.sample(), test::kNormalEnd), 2U) << row.why;
    EXPECT_EQ(count_of(loop.sample(), test::kNotAuthorized), 1U) << row.why;
  }
}

TEST(FeedLoop, AddsRemarkableEventsThatItCountsToTheHistory) {
  const auto history =
      std::make_shared<EventHistory>(IdentityFilter(ClientOptions::Identity::full, {}), 1'800'000'000);
  history->remember(true);
  FeedOptions options = log_options();
  options.history = history;
  ScriptedInput scripted({{Step::Kind::record, "as"}, {Step::Kind::record, "d"}, test::end()});
  FeedLoop loop(options, scripted.input);
  ASSERT_TRUE(loop.drain());
  const auto events = history->recent().events;
  ASSERT_EQ(events.size(), 2U) << "no matching subscribers is not kept";
  EXPECT_EQ(events[1].event, AnyEvent(test::kNotAuthorized));
  EXPECT_EQ(events[1].source, "log");
  EXPECT_EQ(events[1].subject.client, "known") << "by its address";
  EXPECT_EQ(events[1].subject.peer, "192.0.2.1:5");

  EXPECT_EQ(loop.sample().counts.codes[0].exemplar, nullptr)
      << "names are in no metric unless they are asked for";

  options.authority = {};  // another source counts everything
  ScriptedInput shadow({{Step::Kind::record, "a"}, test::end()});
  FeedLoop shadow_loop(options, shadow.input);
  ASSERT_TRUE(shadow_loop.drain());
  EXPECT_EQ(history->recent().added, 2U);
}

TEST(FeedLoop, ShowsTheLastClientOfAnErrorAsAnExemplarIfAsked) {
  FeedOptions options = log_options();
  options.history = std::make_shared<EventHistory>(IdentityFilter(ClientOptions::Identity::full, {}),
                                                   1'800'000'000, nullptr, true);
  ScriptedInput scripted({{Step::Kind::record, "as"}, test::end()});
  FeedLoop loop(options, scripted.input);
  ASSERT_TRUE(loop.drain());
  for (const ReasonCounters::CodeCount& series : loop.sample().counts.codes) {
    if (series.event != test::kNotAuthorized) {
      EXPECT_EQ(series.exemplar, nullptr) << to_text(series.event);
      continue;
    }
    ASSERT_NE(series.exemplar, nullptr);
    using Labels = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(series.exemplar->labels, (Labels{{"client_id", "known"}, {"peer", "192.0.2.1:5"}}));
    EXPECT_GT(series.exemplar->timestamp_seconds, 0);
  }
  EXPECT_TRUE(options.history->recent().events.empty());
}

/// Writes down what it observes.
class Notes final : public InputSink {
 public:
  explicit Notes(bool wants_records) : wants_records_(wants_records) {}

  bool wants_records() const override { return wants_records_; }
  void on_code(const ReasonEvent& event) override { lines.push_back(to_text(event)); }
  void on_close(const CloseEvent& event) override { lines.push_back(to_text(event)); }
  void on_denial(const DenialEvent& event) override { lines.push_back(to_text(event)); }
  void on_record(const Record& record, const Decoded& decoded) override {
    lines.push_back(std::string(record.payload) + ":" + std::string(to_string(decoded.outcome)));
  }
  void on_lines(const DecodedLines& read) override {
    lines.push_back(std::to_string(read.lines()) + " lines");
  }

  std::vector<std::string> lines;

 private:
  const bool wants_records_;
};

TEST(FeedLoop, AnObserverSeesEachRecordAfterItsEvents) {
  ScriptedInput scripted({{Step::Kind::record, "aa"},
                          {Step::Kind::record, "i"},
                          {Step::Kind::record, "wc"},
                          {Step::Kind::record, "a", true},
                          test::end()});
  Notes notes(true);
  FeedLoop loop(log_options(), scripted.input, &notes);
  ASSERT_TRUE(loop.drain());
  const std::string refused = to_text(test::kNotAuthorized);
  const std::vector<std::string> expected = {refused,
                                             refused,
                                             "aa:matched",
                                             "i:ignored",
                                             to_text(test::coverage().closes[0]),
                                             "wc:matched",
                                             "a:ignored",
                                             to_text(test::kNormalEnd)};
  EXPECT_EQ(notes.lines, expected) << "the last one waited for a later record";
}

TEST(FeedLoop, RecordsThatAreNotChosenAreDecodedAndIgnored) {
  const auto history =
      std::make_shared<EventHistory>(IdentityFilter(ClientOptions::Identity::full, {}), 1'800'000'000);
  history->remember(true);
  FeedOptions options = log_options();
  options.history = history;
  options.choose = [](const Record& record) {
    return RecordChoice{.is_counted = record.payload.find('i') == std::string_view::npos,
                        .time_us = 1'700'000'000'000'000};
  };
  ScriptedInput scripted({{Step::Kind::record, "ab"},
                          {Step::Kind::record, "aiwb"},
                          {Step::Kind::record, "uib"},
                          {Step::Kind::record, "a", true},
                          test::end()});
  Notes notes(false);
  FeedLoop loop(options, scripted.input, &notes);
  ASSERT_TRUE(loop.drain());
  const std::vector<std::string> expected = {to_text(test::kNotAuthorized), "ab:matched", "aiwb:ignored",
                                             "uib:ignored", "a:ignored"};
  EXPECT_EQ(notes.lines, expected) << "the event that waited belongs to the last record that was decoded";
  EXPECT_EQ(loop.records_left_out(), 2U) << "a retained message is not decoded";
  EXPECT_EQ(loop.sample().decoder.broker_starts, 3U);
  EXPECT_EQ(loop.sample().unread_streak, 0U);
  EXPECT_EQ(count_of(loop.sample(), test::kNotAuthorized), 1U);
  ASSERT_EQ(history->recent().events.size(), 1U);
  EXPECT_EQ(history->recent().events[0].time_seconds, 1'700'000'000);
}

TEST(FeedLoop, ReportsProgressDuringDrainAndAtItsEnd) {
  constexpr std::uint64_t total = 10'000;
  std::deque<Step> script(total, Step{Step::Kind::record, "a"});
  script.push_back(test::end());
  ScriptedInput scripted(std::move(script));
  FeedLoop loop(log_options(), scripted.input);
  std::vector<std::uint64_t> progress;
  ASSERT_TRUE(loop.drain([&] { progress.push_back(outcome(loop.sample(), Outcome::matched)); }));
  ASSERT_GE(progress.size(), 3U) << "at the latest every 4096 records";
  EXPECT_LE(progress.front(), 4096U);
  EXPECT_EQ(progress.back(), total);
}

TEST(FeedLoop, RestoresWhatWasSaved) {
  ScriptedInput first({{Step::Kind::record, "aacdd"}, {Step::Kind::record, "m"}, test::end()});
  first.source.mutable_status().renames = 2;
  FeedLoop before(log_options(), first.input);
  ASSERT_TRUE(before.drain());
  ByteWriter out;
  before.save(out);

  ScriptedInput second({{Step::Kind::record, "a"}, test::end()});
  second.source.mutable_status().renames = 1;
  FeedLoop after(log_options(), second.input);
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

TEST(FeedLoop, NoEventIsLaterThanTheLastRecord) {
  ScriptedInput scripted({{Step::Kind::record, "w"}, test::silence()});
  FeedLoop loop(log_options(), scripted.input);
  ASSERT_TRUE(loop.poll_batch());
  loop.refresh();
  const double record = loop.sample().last_record_timestamp_seconds;
  ASSERT_GT(record, 0);
  EXPECT_EQ(loop.sample().last_event_timestamp_seconds, 0) << "it waits for a later record";
  loop.settle();
  loop.refresh();
  EXPECT_EQ(loop.sample().last_event_timestamp_seconds, record);
}

/// How many bytes of `loop` earlier exporters would have written: without the broker's starts at the end; and
/// without the denials and the time before them.
struct EarlierBytes {
  std::size_t without_denials;
  std::size_t without_starts;
};
EarlierBytes bytes_of_earlier_versions(const FeedLoop& loop, std::string_view saved) {
  ReasonCounters denials(loop.sample().coverage, 512);
  for (const auto& series : loop.sample().counts.denials)
    for (std::uint64_t i = 0; i < series.count; ++i) denials.add(series.event);
  ByteWriter out;
  denials.save_denials(out);
  out.word(0);
  ByteWriter starts;
  starts.number(loop.sample().decoder.broker_starts.value_or(0));
  const std::size_t without_starts = saved.size() - starts.bytes().size();
  return {without_starts - out.bytes().size(), without_starts};
}

TEST(FeedLoop, RestoresWhatAnEarlierVersionSaved) {
  ScriptedInput scripted({{Step::Kind::record, "aacd"}, test::end()});
  FeedLoop before(log_options(), scripted.input);
  ASSERT_TRUE(before.drain());
  ByteWriter out;
  before.save(out);
  const EarlierBytes earlier = bytes_of_earlier_versions(before, out.bytes());
  for (const std::size_t size : {earlier.without_denials, earlier.without_starts}) {
    const bool has_denials = size == earlier.without_starts;
    ScriptedInput none;
    FeedLoop after(log_options(), none.input);
    ASSERT_TRUE(after.restore(std::string_view(out.bytes()).substr(0, size))) << size;
    EXPECT_EQ(count_of(after.sample(), test::kNotAuthorized), 2U);
    EXPECT_EQ(test::count_of_closes(after.sample()), 1U);
    EXPECT_EQ(test::count_of_denials(after.sample()), has_denials ? 1U : 0U);
    EXPECT_EQ(after.sample().since_timestamp_seconds > 0, has_denials) << "since when it counted";
  }
}

TEST(FeedLoop, RestoresNothingFromTruncatedBytes) {
  ScriptedInput scripted({{Step::Kind::record, "aacd"}, test::end()});
  FeedLoop before(log_options(), scripted.input);
  ASSERT_TRUE(before.drain());
  ByteWriter out;
  before.save(out);
  for (std::size_t size = 0; size < out.bytes().size(); ++size) {
    const EarlierBytes earlier = bytes_of_earlier_versions(before, out.bytes());
    if (size == earlier.without_denials || size == earlier.without_starts) continue;
    ScriptedInput none;
    FeedLoop after(log_options(), none.input);
    EXPECT_FALSE(after.restore(std::string_view(out.bytes()).substr(0, size))) << size;
    EXPECT_EQ(after.revision(), 0U) << size;
  }
}

}  // namespace
}  // namespace mre
