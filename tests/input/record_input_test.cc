// SPDX-License-Identifier: Apache-2.0
#include "exporter/input/record_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace mre {
namespace {

/// Returns the numbers from 0 as payloads of a given size, without waiting. Odd ones are retained.
class Numbers final : public Source {
 public:
  Numbers(std::size_t count, std::size_t bytes) : count_(count), bytes_(bytes) {}

  Result<std::optional<Record>> next(Deadline) override {
    if (next_ == count_) return fail(Errc::end_of_stream, "end");
    const bool retained = next_ % 2 == 1;
    text_ = std::to_string(next_++);
    text_.resize(std::max(bytes_, text_.size()), ' ');
    return Record{text_, "topic", retained};
  }
  void interrupt() override {}
  bool save(ByteWriter& out) override {
    out.number(next_);
    return true;
  }
  const SourceStatus& status() override { return status_; }

 private:
  const std::size_t count_;
  const std::size_t bytes_;
  std::size_t next_ = 0;
  std::string text_;
  SourceStatus status_;
};

class Matching final : public StatelessDecoder {
 public:
  Decoded decode(const Record&, EventSink&) override { return {Outcome::matched, RecordError::none, {}}; }
  DecodedLines decode_lines(const LineBlock& lines, EventSink&) override {
    const std::size_t bytes = lines.text.find('\n') + 1;  // one at a time
    return {.bytes = bytes, .matched = 1};
  }
};

/// Returns its lines at once, and then its last line alone.
class LinesSource final : public Source {
 public:
  Result<std::optional<Record>> next(Deadline) override {
    if (std::exchange(ended_, true)) return fail(Errc::end_of_stream, "end");
    return Record{"4", "topic"};
  }
  LineBlock lines() override { return {left_, 100}; }
  void consume(std::size_t bytes) override { left_.remove_prefix(bytes); }
  void interrupt() override {}
  bool save(ByteWriter&) override { return true; }
  const SourceStatus& status() override { return status_; }

 private:
  std::string_view left_ = "0\n2\n";
  bool ended_ = false;
  SourceStatus status_;
};

/// Notes the records as numbers, and checks the rest of them.
class Notes final : public InputSink {
 public:
  bool wants_records() const override { return false; }
  void on_record(const Record& record, const Decoded& decoded) override {
    numbers.push_back(std::stoi(std::string(record.payload)));
    EXPECT_EQ(record.topic, "topic");
    EXPECT_EQ(record.retained, numbers.back() % 2 == 1);
    EXPECT_EQ(decoded.outcome, record.retained ? Outcome::ignored : Outcome::matched);
  }
  void on_lines(const DecodedLines& read) override { lines += read.lines(); }
  void on_code(const ReasonEvent&) override {}
  void on_close(const CloseEvent&) override {}
  void on_denial(const DenialEvent&) override {}

  std::vector<int> numbers;
  std::uint64_t lines = 0;
};

/// The remaining records.
std::vector<int> rest(RecordInput& input) {
  input.set_decoder(std::make_unique<Matching>());
  Notes notes;
  for (;;) {
    const auto read = input.poll({}, notes);
    if (!read) {
      EXPECT_EQ(read.error().code, Errc::end_of_stream);
      return notes.numbers;
    }
  }
}

bool has_position(RecordInput& input) {
  ByteWriter out;
  return input.save_position(out);
}

TEST(RecordInput, ReadsEachRecordOnceAfterAnyNumberOfPeeks) {
  const std::vector<int> all = {0, 1, 2, 3};
  for (std::size_t peeks = 0; peeks <= 5; ++peeks) {
    SCOPED_TRACE(std::to_string(peeks) + " peeks");
    RecordInput input(std::make_unique<Numbers>(4, 0));
    for (const bool again : {false, true}) {
      if (again) input.rewind();
      for (std::size_t i = 0; i < peeks; ++i) {
        const auto record = input.peek({});
        EXPECT_EQ(record.has_value(), i < 4);
        if (!record) break;
        EXPECT_EQ((*record)->payload, std::to_string(i));
      }
    }
    EXPECT_EQ(has_position(input), peeks == 0) << "copies have none";
    EXPECT_EQ(input.status().record_bytes, 0U) << "of records that were read";
    EXPECT_EQ(rest(input), all);
    EXPECT_TRUE(has_position(input));
    EXPECT_EQ(input.status().records_dropped, 0U);
    EXPECT_EQ(input.status().record_bytes, 4U);
    EXPECT_EQ(input.status().retained_skipped, 2U);
  }
}

TEST(RecordInput, CountsTheBytesOfLinesWithoutTheirEnds) {
  RecordInput input(std::make_unique<LinesSource>(), std::make_unique<Matching>());
  Notes notes;
  while (input.poll({}, notes)) {
  }
  EXPECT_EQ(notes.lines, 2U);
  EXPECT_EQ(notes.numbers, std::vector{4});
  EXPECT_EQ(input.status().record_bytes, 3U);
}

TEST(RecordInput, PeeksAfterTheRecordThatItHasRead) {
  RecordInput input(std::make_unique<Numbers>(4, 0), std::make_unique<Matching>());
  Notes notes;
  for (const int peeked : {0, 1}) EXPECT_EQ((*input.peek({}))->payload, std::to_string(peeked));
  ASSERT_TRUE(input.poll({}, notes));
  EXPECT_EQ((*input.peek({}))->payload, "2");
  input.rewind();
  EXPECT_EQ((*input.peek({}))->payload, "1");
  EXPECT_EQ(rest(input), (std::vector{1, 2, 3}));
}

TEST(RecordInput, DropsTheOldestCopiesBeyondItsLimits) {
  const struct {
    const char* why;
    std::size_t bytes;
    std::size_t copies;
  } cases[] = {
      {"too many", 0, RecordInput::kMaxCopies},
      {"too long", 100'000, RecordInput::kMaxCopiedBytes / (100'000 + 5)},
      {"one record is longer than the limit", RecordInput::kMaxCopiedBytes * 2, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const std::size_t count = c.copies + 3;
    RecordInput input(std::make_unique<Numbers>(count, c.bytes));
    for (std::size_t i = 0; i < c.copies; ++i) ASSERT_TRUE(input.peek({}));
    EXPECT_EQ(input.status().records_dropped, 0U);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto record = input.peek({});
      ASSERT_TRUE(record);
      EXPECT_EQ(std::stoul(std::string((*record)->payload)), c.copies + i);
    }
    EXPECT_TRUE(input.full() || c.bytes == 100'000);
    EXPECT_EQ(input.status().records_dropped, 3U);
    const auto numbers = rest(input);
    ASSERT_EQ(numbers.size(), c.copies);
    EXPECT_EQ(numbers.front(), 3);
  }
}

}  // namespace
}  // namespace mre
