// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace mre {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

std::string everything() {
  ByteWriter out;
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, kLargest}) {
    out.number(value);
    out.word(value);
  }
  out.flag(true);
  out.flag(false);
  out.text("");
  out.text(std::string_view("a\0b", 3));
  return std::move(out).take();
}

/// Whether all of `everything` was read back.
bool reads_everything(std::string_view bytes) {
  ByteReader in(bytes);
  bool same = true;
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, kLargest}) {
    same = in.number() == value && same;
    same = in.word() == value && same;
  }
  same = in.flag() && same;
  same = !in.flag() && same;
  same = in.text().empty() && same;
  same = in.text() == std::string_view("a\0b", 3) && same;
  return same && in.finished();
}

TEST(Bytes, AreReadAsTheyWereWritten) { EXPECT_TRUE(reads_everything(everything())); }

TEST(Bytes, FailWhereverTheyAreCut) {
  const std::string whole = everything();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(reads_everything(std::string_view(whole).substr(0, size))) << size;
  EXPECT_FALSE(reads_everything(whole + '\0')) << "a byte too many";
}

TEST(Bytes, StayFailedAfterAnInvalidValue) {
  struct Row {
    const char* why;
    std::string bytes;
    std::uint64_t (*read)(ByteReader&);
  };
  const auto number = [](ByteReader& in) { return in.number(); };
  const Row rows[] = {
      {"a number of more than 64 bits", std::string(9, '\xFF') + '\x02', number},
      {"a number without end", std::string(20, '\xFF'), number},
      {"above the limit", "\x05", [](ByteReader& in) { return in.number_up_to(4); }},
      {"a flag of 2", "\x02", [](ByteReader& in) { return std::uint64_t{in.flag()}; }},
      {"a text longer than the rest", "\x03zz",
       [](ByteReader& in) { return std::uint64_t{in.text().size()}; }},
  };
  for (const Row& row : rows) {
    ByteReader in(row.bytes);
    EXPECT_EQ(row.read(in), 0U) << row.why;
    EXPECT_TRUE(in.failed()) << row.why;
    EXPECT_EQ(in.word(), 0U) << row.why;
    EXPECT_FALSE(in.finished()) << row.why;
  }
}

}  // namespace
}  // namespace mre
