// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/reason_counters.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <numeric>

#include "tests/metrics/samples.h"

namespace mre {
namespace {

using test::kNoSubscribers;
using test::kNotAuthorized;
using test::kRefused3;
using test::with_code;

std::map<ReasonEvent, std::uint64_t> by_event(const ReasonCounters& counters) {
  std::map<ReasonEvent, std::uint64_t> out;
  for (const auto& series : counters.counts().codes)
    if (!series.other) out[series.event] = series.count;
  return out;
}

std::uint64_t sum(const ReasonCounters& counters) {
  const auto& codes = counters.counts().codes;
  return std::accumulate(codes.begin(), codes.end(), std::uint64_t{0},
                         [](std::uint64_t total, const auto& series) { return total + series.count; });
}

TEST(ReasonCounters, CoverageExistsAsZero) {
  const ReasonCounters counters(test::coverage(), 512);
  EXPECT_EQ(counters.counts().codes.size(), 4U);
  EXPECT_EQ(counters.counts().closes.size(), 2U);
  EXPECT_EQ(sum(counters), 0U);
}

TEST(ReasonCounters, EveryFieldOfAnEventIsASeriesOfItsOwn) {
  struct Row {
    const char* why;
    ReasonEvent event;
  };
  ReasonEvent received = kNotAuthorized, unknown = kNotAuthorized, inferred = kNotAuthorized,
              disconnect = kNotAuthorized;
  received.direction = mqtt::Direction::received;
  unknown.protocol = mqtt::Protocol::unknown;
  inferred.evidence = Evidence::inferred;
  disconnect.packet = mqtt::Packet::disconnect;
  const Row rows[] = {
      {"as covered", kNotAuthorized},
      {"direction", received},
      {"protocol", unknown},
      {"evidence", inferred},
      {"packet", disconnect},
      {"byte", with_code(kNotAuthorized, 0x86)},
      {"last byte", with_code(kNotAuthorized, 0xFF)},
      {"last of all",
       {mqtt::Packet::auth, mqtt::Direction::unknown, mqtt::Protocol::unknown, 0xFF, Evidence::inferred}}};
  ReasonCounters counters({}, 512);
  for (std::size_t i = 0; i < std::size(rows); ++i)
    for (std::size_t times = 0; times <= i; ++times) counters.add(rows[i].event);
  const auto counts = by_event(counters);
  EXPECT_EQ(counts.size(), std::size(rows));
  std::uint64_t expected = 0;
  for (const Row& row : rows) EXPECT_EQ(counts.at(row.event), ++expected) << row.why;
}

TEST(ReasonCounters, AboveTheLimitTheClassIsPreserved) {
  ReasonCounters counters({}, 2);
  counters.add(kNotAuthorized);
  counters.add(kNoSubscribers);
  for (const int code : {0x86, 0x97, 0x99})
    counters.add(with_code(kNoSubscribers, static_cast<std::uint8_t>(code)));
  counters.add(with_code(kNoSubscribers, 0x00));
  counters.add(with_code(kNoSubscribers, 0x97));
  counters.add(kRefused3);
  counters.add(kNoSubscribers);  // has its series already

  std::map<std::pair<mqtt::Packet, mqtt::Class>, std::uint64_t> others;
  for (const auto& series : counters.counts().codes) {
    if (!series.other) continue;
    EXPECT_EQ(series.event.protocol, mqtt::Protocol::unknown);
    others[{series.event.packet, series.cls}] += series.count;
  }
  const decltype(others) expected = {{{mqtt::Packet::puback, mqtt::Class::error}, 4},
                                     {{mqtt::Packet::puback, mqtt::Class::success}, 1},
                                     {{mqtt::Packet::connack, mqtt::Class::error}, 1}};
  EXPECT_EQ(others, expected);
  EXPECT_EQ(counters.counts().series_limit_hits, 6U);
  EXPECT_EQ(by_event(counters).at(kNoSubscribers), 2U);
  EXPECT_EQ(sum(counters), 9U) << "nothing is lost but the byte";
}

TEST(ReasonCounters, AllPossibleEventsStayWithinTheLimit) {
  ReasonCounters counters(test::coverage(), 10);
  std::uint64_t added = 0;
  for (unsigned packet = 0; packet < mqtt::kPackets; ++packet)
    for (unsigned direction = 0; direction < mqtt::kDirections; ++direction)
      for (unsigned protocol = 0; protocol < mqtt::kProtocols; ++protocol)
        for (unsigned code = 0; code < 256; ++code)
          for (const Evidence evidence : {Evidence::code_in_record, Evidence::inferred}) {
            counters.add(ReasonEvent{
                static_cast<mqtt::Packet>(packet), static_cast<mqtt::Direction>(direction),
                static_cast<mqtt::Protocol>(protocol), static_cast<std::uint8_t>(code), evidence});
            ++added;
          }
  EXPECT_EQ(sum(counters), added);
  EXPECT_EQ(by_event(counters).size(), 10U);
  EXPECT_LE(counters.counts().codes.size(), 10U + mqtt::kPackets * mqtt::kDirections * 3 * 2);
  EXPECT_EQ(counters.counts().series_limit_hits, added - 10);
}

TEST(ReasonCounters, ALimitAboveTheSlotsDoesNotOverflow) {
  ReasonCounters counters({}, std::numeric_limits<std::size_t>::max());
  for (unsigned i = 0; i < 256; ++i) counters.add(with_code(kNotAuthorized, static_cast<std::uint8_t>(i)));
  EXPECT_EQ(by_event(counters).size(), 256U);
  EXPECT_EQ(counters.counts().series_limit_hits, 0U);
}

TEST(ReasonCounters, UnknownBytesAreCountedByPacket) {
  struct Row {
    const char* why;
    std::size_t max_series;
  };
  for (const Row& row : {Row{"with a series of their own", 512}, Row{"folded into other", 1}}) {
    ReasonCounters counters({}, row.max_series);
    counters.add(kNotAuthorized);
    counters.add(with_code(kNotAuthorized, 0x10));  // known, but not in a CONNACK
    counters.add(with_code(kNotAuthorized, 0xF7));
    counters.add(with_code(kNotAuthorized, 0xF7));
    counters.add(with_code(kNoSubscribers, 0x05));
    counters.add(with_code(kNoSubscribers, 0x87));
    EXPECT_EQ(counters.counts().unknown_codes[static_cast<std::size_t>(mqtt::Packet::connack)], 3U)
        << row.why;
    EXPECT_EQ(counters.counts().unknown_codes[static_cast<std::size_t>(mqtt::Packet::puback)], 1U) << row.why;
  }
}

TEST(ReasonCounters, ClosesAreCountedByAllTheirFields) {
  const Coverage coverage = test::coverage();
  ReasonCounters counters(coverage, 0);  // no limit for them
  const CloseEvent covered = coverage.closes[0];
  CloseEvent new_one = covered;
  new_one.initiator = mqtt::Initiator::network;
  counters.add(covered);
  counters.add(new_one);
  counters.add(new_one);
  ASSERT_EQ(counters.counts().closes.size(), 3U);
  EXPECT_EQ(counters.counts().closes[0].count, 1U);
  EXPECT_EQ(counters.counts().closes[1].count, 0U);
  EXPECT_EQ(counters.counts().closes[2].event, new_one);
  EXPECT_EQ(counters.counts().closes[2].count, 2U);
}

TEST(ReasonCounters, DenialsAreCountedByAllTheirFields) {
  const Coverage coverage = test::coverage();
  ReasonCounters counters(coverage, 0);  // no limit for them
  const DenialEvent covered = coverage.denials[0];
  DenialEvent new_one = covered;
  new_one.action = Action::connect;
  counters.add(covered);
  counters.add(new_one);
  counters.add(new_one);
  ASSERT_EQ(counters.counts().denials.size(), 3U);
  EXPECT_EQ(counters.counts().denials[0].count, 1U);
  EXPECT_EQ(counters.counts().denials[1].count, 0U);
  EXPECT_EQ(counters.counts().denials[2].event, new_one);
  EXPECT_EQ(counters.counts().denials[2].count, 2U);
}

TEST(ReasonCounters, DenialsAreRestored) {
  ReasonCounters before(test::coverage(), 512);
  DenialEvent not_covered = test::coverage().denials[0];
  not_covered.protocol = mqtt::Protocol::v3_1;
  before.add(not_covered);
  before.add(test::coverage().denials[1]);
  ByteWriter out;
  before.save_denials(out);
  ReasonCounters after(test::coverage(), 512);
  after.add(not_covered);
  ByteReader in(out.bytes());
  after.restore_denials(in);
  ASSERT_TRUE(in.finished());
  ASSERT_EQ(after.counts().denials.size(), 3U);
  EXPECT_EQ(after.counts().denials[1].count, 1U);
  EXPECT_EQ(after.counts().denials[2].count, 2U);
  for (std::size_t size = 0; size < out.bytes().size(); ++size) {
    ByteReader cut(std::string_view(out.bytes()).substr(0, size));
    ReasonCounters(test::coverage(), 512).restore_denials(cut);
    EXPECT_TRUE(cut.failed()) << "cut at " << size;
  }
}

/// Every kind of series: of the coverage, unknown, folded, with a close.
ReasonCounters many_kinds() {
  ReasonCounters counters(test::coverage(), 6);
  for (int i = 0; i < 3; ++i) counters.add(kNotAuthorized);
  for (unsigned code = 0xF0; code < 0xF8; ++code)
    counters.add(with_code(kNotAuthorized, static_cast<std::uint8_t>(code)));
  counters.add(test::coverage().closes[1]);
  return counters;
}

std::string saved(const ReasonCounters& counters) {
  ByteWriter out;
  counters.save(out);
  return out.bytes();
}

TEST(ReasonCounters, AreRestored) {
  const ReasonCounters before = many_kinds();
  ReasonCounters after(test::coverage(), 6);
  const std::string bytes = saved(before);
  ByteReader in(bytes);
  ASSERT_TRUE(after.restore(in));
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(by_event(after), by_event(before));
  EXPECT_EQ(sum(after), sum(before));
  EXPECT_EQ(after.counts().closes[1].count, 1U);
  EXPECT_EQ(after.counts().unknown_codes, before.counts().unknown_codes);
  EXPECT_EQ(after.counts().series_limit_hits, before.counts().series_limit_hits);
  EXPECT_EQ(saved(after), bytes);
}

TEST(ReasonCounters, AreRestoredUnderOtherLimitsAndCoverages) {
  const ReasonCounters before = many_kinds();
  for (const std::size_t max_series : {0U, 5U, 512U}) {
    for (const Coverage& coverage : {Coverage{}, test::coverage()}) {
      ReasonCounters after(coverage, max_series);
      const std::string bytes = saved(before);
      ByteReader in(bytes);
      ASSERT_TRUE(after.restore(in));
      EXPECT_EQ(sum(after), sum(before)) << max_series;
    }
  }
}

TEST(ReasonCounters, BytesThatAreCutOrChangedAreRefusedOrHarmless) {
  const std::string bytes = saved(many_kinds());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ReasonCounters after(test::coverage(), 512);
    ByteReader in(std::string_view(bytes).substr(0, size));
    EXPECT_FALSE(after.restore(in)) << "cut at " << size;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char byte : {'\0', '\x7F', '\xFF'}) {
      std::string changed = bytes;
      changed[at] = byte;
      ReasonCounters after(test::coverage(), 512);
      ByteReader in(changed);
      after.restore(in);  // whatever it says, it stays within its tables
      EXPECT_LE(after.counts().codes.size(), 512U + mqtt::kPackets * mqtt::kDirections * 3 * 2);
    }
  }
}

}  // namespace
}  // namespace mre
