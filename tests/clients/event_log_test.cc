// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/event_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "exporter/clients/event_json.h"
#include "tests/support/files.h"
#include "tests/support/poll.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

RecentEvent refused(std::uint64_t number) {
  return {.number = number,
          .time_seconds = 1,
          .source = "log",
          .event = ReasonEvent{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x87,
                               Evidence::code_in_record}};
}

std::unique_ptr<EventLog> started(const EventLogOptions& options) {
  auto log = EventLog::open(options).value();
  log->start();
  return log;
}

TEST(EventLog, AppendsALineForEachEvent) {
  const test::TempDir dir;
  const std::string path = dir.write("events.jsonl", "earlier\n");
  auto log = started({path});
  log->write("main", refused(1));
  log->write("main", refused(2));
  log.reset();
  EXPECT_EQ(test::contents(path),
            "earlier\n" + event_json("main", refused(1)) + "\n" + event_json("main", refused(2)) + "\n");
}

TEST(EventLog, ReopensAFileThatWasRenamed) {
  const test::TempDir dir;
  const std::string path = dir.file("events.jsonl");
  auto log = started({path});
  log->write("main", refused(1));
  ASSERT_TRUE(test::eventually([&] { return log->status().written == 1; }));
  std::filesystem::rename(path, path + ".1");
  ASSERT_TRUE(log->reopen());
  log->write("main", refused(2));
  log.reset();
  EXPECT_EQ(test::contents(path + ".1"), event_json("main", refused(1)) + "\n");
  EXPECT_EQ(test::contents(path), event_json("main", refused(2)) + "\n");
}

TEST(EventLog, CountsWhatIsAboveTheRate) {
  const test::TempDir dir;
  const auto log = started({dir.file("events.jsonl"), 5});
  constexpr std::uint64_t kEvents = 1000;
  for (std::uint64_t i = 1; i <= kEvents; ++i) log->write("main", refused(i));
  ASSERT_TRUE(test::eventually([&] {
    const auto status = log->status();
    return status.written + status.above_rate == kEvents;
  }));
  EXPECT_GE(log->status().above_rate, kEvents / 2);
  EXPECT_GE(log->status().written, 5U);
}

TEST(EventLog, CountsWhatDoesNotFitWhileNobodyReads) {
  const test::TempDir dir;
  const std::string path = dir.file("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const Fd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  constexpr std::uint64_t kEvents = 30'000;
  EventLog::Status status;
  {
    const auto log = started({path, 1'000'000});
    for (std::uint64_t i = 1; i <= kEvents; ++i) log->write("main", refused(i));
    status = log->status();
  }
  EXPECT_GT(status.queue_full, kEvents / 2);
  EXPECT_EQ(status.above_rate, 0U);
}

TEST(EventLog, SaysWhyAFileCannotBeOpened) {
  const test::TempDir dir;
  const auto log = EventLog::open({dir.file("missing/events.jsonl")});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, Errc::invalid_config);
  EXPECT_NE(log.error().what.find("missing/events.jsonl: No such file or directory: create its directory"),
            std::string::npos)
      << log.error().what;
}

TEST(EventLog, AFullDiskCostsLinesAndNothingElse) {
  auto log = started({"/dev/full"});
  log->write("main", refused(1));
  ASSERT_TRUE(test::eventually([&] { return log->status().not_written == 1; }));
  EXPECT_EQ(log->status().written, 0U);
}

}  // namespace
}  // namespace mre
