// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/redelivery_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/support/heap.h"

namespace mre {
namespace {

TEST(RedeliveryFilter, RecognisesTheLastMessageOfAnIdentifier) {
  RedeliveryFilter filter;
  EXPECT_FALSE(filter.contains(1, "t", "a")) << "empty";
  filter.add(1, "t", "a");
  filter.add(65535, "t", "b");
  EXPECT_TRUE(filter.contains(1, "t", "a"));
  EXPECT_TRUE(filter.contains(65535, "t", "b"));
  EXPECT_FALSE(filter.contains(2, "t", "a")) << "another identifier";
  EXPECT_FALSE(filter.contains(1, "t", "b")) << "another payload";
  EXPECT_FALSE(filter.contains(1, "u", "a")) << "another topic";
  filter.add(1, "t", "c");
  EXPECT_FALSE(filter.contains(1, "t", "a")) << "the identifier was used again";
  filter.add(0, "t", "a");
  EXPECT_FALSE(filter.contains(0, "t", "a")) << "QoS 0 has no identifier";
  filter.clear();
  EXPECT_FALSE(filter.contains(65535, "t", "b"));
}

std::string saved(const RedeliveryFilter& filter) {
  ByteWriter out;
  filter.save(out);
  return std::move(out).take();
}

TEST(RedeliveryFilter, RemembersAsManyAsCanBeUnacknowledged) {
  const std::size_t before = test::heap_in_use();
  RedeliveryFilter filter;
  for (unsigned id = 1; id <= 65535; ++id) filter.add(static_cast<std::uint16_t>(id), "t", "a");
  EXPECT_LE(test::heap_in_use() - before, RedeliveryFilter::kRemembered * 16 + 8192);
  EXPECT_EQ(filter.count(), 65535U);
  EXPECT_TRUE(filter.contains(65536 - RedeliveryFilter::kRemembered, "t", "a"));
  EXPECT_FALSE(filter.contains(65535 - RedeliveryFilter::kRemembered, "t", "a"));
  EXPECT_LE(saved(filter).size(), RedeliveryFilter::kRemembered * 11 + 2);
}

TEST(RedeliveryFilter, TruncatesAfterANumber) {
  RedeliveryFilter filter;
  for (unsigned id = 1; id <= 2000; ++id) filter.add(static_cast<std::uint16_t>(id), "t", "a");
  filter.truncate_after(3000);
  EXPECT_EQ(filter.count(), 2000U);
  filter.truncate_after(1990);
  EXPECT_EQ(filter.count(), 1990U);
  EXPECT_TRUE(filter.contains(1990, "t", "a"));
  EXPECT_FALSE(filter.contains(1991, "t", "a"));
  filter.truncate_after(10);
  EXPECT_EQ(filter.count(), 10U);
  EXPECT_FALSE(filter.contains(10, "t", "a")) << "too old";
}

TEST(RedeliveryFilter, RoundTrips) {
  RedeliveryFilter filter;
  filter.add(7, "t", "a");
  filter.add(65535, "t", "b");
  const std::string bytes = saved(filter);
  ByteReader in(bytes);
  const RedeliveryFilter again = RedeliveryFilter::load(in);
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(again.count(), 2U);
  EXPECT_TRUE(again.contains(7, "t", "a"));
  EXPECT_TRUE(again.contains(65535, "t", "b"));
}

TEST(RedeliveryFilter, RejectsMalformedBytes) {
  RedeliveryFilter filter;
  filter.add(7, "t", "a");
  const std::string bytes = saved(filter);
  for (const std::string& bad :
       {bytes.substr(0, bytes.size() - 1), std::string("\x01\x80\x80\x04", 4) + "12345678",
        std::string("\x81\x08", 2)}) {
    ByteReader in(bad);
    RedeliveryFilter::load(in);
    EXPECT_TRUE(in.failed()) << testing::PrintToString(bad);
  }
}

}  // namespace
}  // namespace mre
