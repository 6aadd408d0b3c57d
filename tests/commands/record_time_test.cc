// SPDX-License-Identifier: Apache-2.0
#include "exporter/event/record_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "exporter/commands/time_range.h"

namespace mre {
namespace {

constexpr UnixMicros kNow = 1'795'800'000'000'000;  // 2026-11-27T17:20:00Z

/// Local time that is not UTC: one hour ahead, without a summer time.
class RecordTime : public testing::Test {
 protected:
  void SetUp() override { set_zone("UTC-1"); }
  void TearDown() override { set_zone("UTC"); }

 private:
  static void set_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

TEST_F(RecordTime, IsReadFromTheStartOfALine) {
  const struct {
    const char* why;
    std::string_view line;
    std::string_view time;  // empty: none
  } cases[] = {
      {"seconds since 1970, as Mosquitto writes them", "1700000001: Sending CONNACK",
       "2023-11-14T22:13:21.000Z"},
      {"milliseconds", "{\"ts\":1700000001250}", "2023-11-14T22:13:21.250Z"},
      {"microseconds, as EMQX and the journal write them", R"({"time":1669104640317704,"level":"warning"})",
       "2022-11-22T08:10:40.317Z"},
      {"nanoseconds", "1700000001250000000 x", "2023-11-14T22:13:21.250Z"},
      {"RFC 3339 in UTC", "2026-11-22T05:08:45.860015Z [warning] x", "2026-11-22T05:08:45.860Z"},
      {"RFC 3339 with a zone", "2026-11-22T05:08:45+01:00 x", "2026-11-22T04:08:45.000Z"},
      {"a zone without a colon", "[2026-11-22 04:59:26-0330]: x", "2026-11-22T08:29:26.000Z"},
      {"without a zone: local time", "2026-11-22 05:08:45,123 INFO x", "2026-11-22T04:08:45.123Z"},
      {"with slashes", "2026/11/22 05:08:45 x", "2026-11-22T04:08:45.000Z"},
      {"the day first", "22/Nov/2026 04:59:25: x", "2026-11-22T03:59:25.000Z"},
      {"the day first, with a zone", "[22/Nov/2026:04:59:25 +0100] x", "2026-11-22T03:59:25.000Z"},
      {"syslog: this year", "Nov 22 05:08:45 host mosquitto[1]: x", "2026-11-22T04:08:45.000Z"},
      {"syslog: a day that this year has not had yet is one of last year",
       "Dec  2 05:08:45 host mosquitto[1]: x", "2025-12-02T04:08:45.000Z"},
      {"after a level", "[warning] 2026-11-22T05:08:45Z x", "2026-11-22T05:08:45.000Z"},
      {"in Docker's file, where the time is the last member",
       R"({"log":"x\n","stream":"stdout","time":"2026-11-22T05:08:45.5Z"})", "2026-11-22T05:08:45.500Z"},
      {"no time", "Client c1 disconnected.", ""},
      {"a number that is not a time", "12345: x", ""},
      {"digits within a word", "client-a1700000001b", ""},
      {"an impossible date", "2026-13-42 05:08:45 x", ""},
      {"an empty line", "", ""},
      {"a month alone", "Nov", ""},
  };
  for (const auto& c : cases) {
    const auto time = time_of({.payload = c.line, .topic = {}}, kNow);
    EXPECT_EQ(time ? to_text(*time) : "", c.time) << c.why;
  }
  EXPECT_EQ(time_of({.payload = "1700000001: x", .topic = {}, .time_us = 5'000}, kNow), 5'000)
      << "what the source knows comes first";
}

TEST_F(RecordTime, IsCertainOnlySince1970OrWithAZone) {
  const struct {
    const char* why;
    std::string_view head;
    std::string_view time;  // empty: none
  } cases[] = {
      {"seconds since 1970", "1700000001: ", "2023-11-14T22:13:21.000Z"},
      {"a zone", "2026-11-22T05:08:45+01:00 [warning] ", "2026-11-22T04:08:45.000Z"},
      {"no zone", "2026-11-22 05:08:45,123 INFO ", ""},
      {"no zone, the day first", "22/Nov/2026 04:59:25: ", ""},
      {"syslog", "Nov 22 05:08:45 host mosquitto[1]: ", ""},
      {"in the future", "2026-11-27T17:22:00Z ", ""},
      {"the clock of the broker is a little ahead", "2026-11-27T17:20:30Z ", "2026-11-27T17:20:30.000Z"},
      {"a member of the object", R"({"clientid":"c","timestamp":1700000001250})", "2023-11-14T22:13:21.250Z"},
      {"a user property of a client", R"({"props":{"time":"1700000001"},"clientid":"c"})", ""},
      {"a text of a client", R"({"clientid":"\"time\":1700000001,\\","reason":"x"})", ""},
      {"a value, not a name", R"({"clientid":"time","x":1})", ""},
      {"nothing", "", ""},
      {"an object that is cut", R"({"time)", ""},
      {"an object that is cut in an escape", R"({"time\)", ""},
  };
  for (const auto& c : cases) {
    const auto time = certain_time_of(c.head, kNow);
    EXPECT_EQ(time ? to_text(*time) : "", c.time) << c.why;
  }
}

TEST_F(RecordTime, NeverReadsBeyondALine) {
  const std::string line = "2026-11-22T05:08:45.123456+01:00 Nov 22 05:08:45 22/Nov/2026 04:59:25";
  for (std::size_t from = 0; from <= line.size(); ++from) {
    for (std::size_t to = from; to <= line.size(); ++to) {
      const std::string cut = line.substr(from, to - from);  // ends where the allocation ends
      time_of({.payload = cut, .topic = {}}, kNow);
    }
  }
}

TEST_F(RecordTime, OfAFlagIsAMomentOrADuration) {
  const struct {
    const char* why;
    std::string_view text;
    std::string_view time;  // empty: refused
  } cases[] = {
      {"minutes ago", "15m", "2026-11-27T17:05:00.000Z"},
      {"days ago", "7d", "2026-11-20T17:20:00.000Z"},
      {"a day, from its start, in local time", "2026-11-22", "2026-11-21T23:00:00.000Z"},
      {"without seconds", "2026-11-22 05:08", "2026-11-22T04:08:00.000Z"},
      {"complete", "2026-11-22T05:08:45Z", "2026-11-22T05:08:45.000Z"},
      {"seconds since 1970", "1700000001", "2023-11-14T22:13:21.000Z"},
      {"a word", "yesterday", ""},
      {"a duration without a unit", "15", ""},
      {"an unknown unit", "15w", ""},
      {"nothing", "", ""},
  };
  for (const auto& c : cases) {
    const auto time = parse_moment(c.text, kNow);
    EXPECT_EQ(time ? to_text(*time) : "", c.time) << c.why;
  }
}

TEST(TimeFilter, ChoosesTheRecordsInTheRange) {
  const struct {
    const char* why;
    std::string_view line;
    bool in_range;
    UnixMicros time;  // of the record, or of the one before
  } cases[] = {
      {"no time yet", "x", false, 0},
      {"before", "1700000000: x", false, 1'700'000'000'000'000},
      {"the first moment", "1700000010: x", true, 1'700'000'010'000'000},
      {"no time: as the one before", "x", true, 1'700'000'010'000'000},
      {"the last moment", "1700000019: x", true, 1'700'000'019'000'000},
      {"after", "1700000020: x", false, 1'700'000'020'000'000},
      {"out of order", "1700000015: x", true, 1'700'000'015'000'000},
  };
  TimeFilter filter(TimeRange{1'700'000'010'000'000, 1'700'000'020'000'000});
  EXPECT_FALSE(filter.saw_time());
  for (const auto& c : cases) {
    const RecordChoice choice = filter.choose({.payload = c.line, .topic = {}});
    EXPECT_EQ(choice.is_counted, c.in_range) << c.why;
    EXPECT_EQ(choice.time_us, c.time) << c.why;
    EXPECT_EQ(filter.in_range(), c.in_range) << c.why;
    EXPECT_EQ(filter.time().has_value(), c.line != "x") << c.why;
  }
  EXPECT_TRUE(filter.saw_time());
  EXPECT_TRUE(TimeFilter({}).choose({.payload = "x", .topic = {}}).is_counted) << "there is no range";
}

}  // namespace
}  // namespace mre
