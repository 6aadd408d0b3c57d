// SPDX-License-Identifier: Apache-2.0
#include "exporter/input/peekable_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace mre {
namespace {

/// Returns the numbers from 0 as payloads of a given size, without waiting.
class Numbers final : public Source {
 public:
  Numbers(std::size_t count, std::size_t bytes) : count_(count), bytes_(bytes) {}

  Result<std::optional<Record>> next(Deadline) override {
    if (next_ == count_) return fail(Errc::end_of_stream, "end");
    text_ = std::to_string(next_++);
    text_.resize(std::max(bytes_, text_.size()), ' ');
    return Record{text_, "topic", true};
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

/// The remaining records, as numbers.
std::vector<int> rest(Source& source) {
  std::vector<int> numbers;
  for (;;) {
    const auto record = source.next({});
    if (!record) {
      EXPECT_EQ(record.error().code, Errc::end_of_stream);
      return numbers;
    }
    EXPECT_EQ((*record)->topic, "topic");
    EXPECT_TRUE((*record)->retained);
    numbers.push_back(std::stoi(std::string((*record)->payload)));
  }
}

TEST(PeekableSource, ReturnsEachRecordOnceAfterAnyNumberOfPeeks) {
  const std::vector<int> all = {0, 1, 2, 3};
  for (std::size_t peeks = 0; peeks <= 5; ++peeks) {
    PeekableSource source(std::make_unique<Numbers>(4, 0));
    for (std::size_t i = 0; i < peeks; ++i) {
      const auto record = source.peek({});
      EXPECT_EQ(record.has_value(), i < 4);
      if (!record) break;
      EXPECT_EQ((*record)->payload, std::to_string(i));
    }
    EXPECT_EQ(rest(source), all) << "after " << peeks << " peeks";
    EXPECT_EQ(source.status().records_dropped, 0U);
  }
}

TEST(PeekableSource, DropsTheOldestBeyondItsLimits) {
  const struct {
    const char* why;
    std::size_t bytes;
    std::size_t copies;
  } cases[] = {
      {"too many", 0, PeekableSource::kMaxRecords},
      {"too long", 100'000, PeekableSource::kMaxBytes / (100'000 + 5)},
      {"one record is longer than the limit", PeekableSource::kMaxBytes * 2, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const std::size_t count = c.copies + 3;
    PeekableSource source(std::make_unique<Numbers>(count, c.bytes));
    for (std::size_t i = 0; i < c.copies; ++i) ASSERT_TRUE(source.peek({}));
    EXPECT_EQ(source.status().records_dropped, 0U);
    for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(source.peek({}));
    EXPECT_TRUE(source.full() || c.bytes == 100'000);
    EXPECT_EQ(source.status().records_dropped, 3U);
    const auto numbers = rest(source);
    ASSERT_EQ(numbers.size(), c.copies);
    EXPECT_EQ(numbers.front(), 3);
  }
}

}  // namespace
}  // namespace mre
