// SPDX-License-Identifier: Apache-2.0
// Logs of a pattern: which files are logs, which are copies, and how many are followed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tail/file_tail_support.h"

namespace mre {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

void write(const Follower& f, const std::string& name, const std::string& text) {
  append(f.file(name), text);
}

TEST(FileTailPattern, FollowsMatchingFiles) {
  Follower f(LogOptions::From::end, "*/broker-[ab]?.log");
  fs::create_directory(f.file("x"));
  write(f, "x/broker-a1.log", "before\n");
  write(f, "x/broker-c1.log", "no match\n");
  f.start();
  EXPECT_THAT(f.read(), IsEmpty()) << "what was there is read from the end";
  write(f, "x/broker-a1.log", "a\n");
  write(f, "x/broker-b1.log", "b\n");
  fs::create_directory(f.file("y"));
  write(f, "y/broker-b2.log", "c\n");
  EXPECT_THAT(f.read(), UnorderedElementsAre("a", "b", "c")) << "what comes later from its beginning";
  EXPECT_EQ(f.status().state, "reading 3 files of " + f.file("*/broker-[ab]?.log"));
}

TEST(FileTailPattern, TreatsAnExistingPathAsAPlainPath) {
  Follower f(LogOptions::From::beginning, "log[1]");
  write(f, "log[1]", "a\n");
  write(f, "log1", "b\n");
  f.start();
  EXPECT_THAT(f.read(), ElementsAre("a"));
}

TEST(FileTailPattern, ReadsEachFileToItsEndBeforeTheNext) {
  Follower f(LogOptions::From::beginning, "log*");
  write(f, "log-x", "a\nb\n");
  write(f, "log-y", "c\nd\n");
  f.start();
  EXPECT_EQ(f.read_one(), "a");
  write(f, "log-x", "e\n");
  EXPECT_THAT(f.read(), testing::AnyOf(ElementsAre("b", "e", "c", "d"), ElementsAre("b", "c", "d", "e")));
}

TEST(FileTailPattern, DoesNotReadFilesAgainThatAreRenamedWithinThePattern) {
  Follower f(LogOptions::From::checkpoint, "log*");
  f.start();
  write(f, "log", "a\n");
  EXPECT_THAT(f.read(), ElementsAre("a"));
  f.rename("log", "log.1");
  write(f, "log", "b\n");
  EXPECT_THAT(f.read(), ElementsAre("b"));
  f.rename("log.1", "log.2");
  f.rename("log", "log.1");
  write(f, "log", "c\n");
  gzip(f.file("log.2"));
  TestClock::advance(std::chrono::minutes(10));
  EXPECT_THAT(f.read(), ElementsAre("c")) << "nor does a packed file";
  TestClock::advance(std::chrono::minutes(10));
  EXPECT_THAT(f.read(), IsEmpty());
  f.stop();
  f.start();
  EXPECT_THAT(f.read(), IsEmpty()) << "nor a restart";
}

TEST(FileTailPattern, ReadsAFileRenamedBetweenTwoScansWhosePathHasNoFileNow) {
  Follower f(LogOptions::From::checkpoint, "*.log");
  f.start();
  write(f, "a.log", "1\n");
  EXPECT_THAT(f.read(), ElementsAre("1"));
  f.rename("a.log", "a.log.1");
  EXPECT_THAT(f.read(), IsEmpty());
  write(f, "a.log", "2\n");
  f.rename("a.log.1", "a.log.2");
  f.rename("a.log", "a.log.1");
  EXPECT_THAT(f.read(), ElementsAre("2")) << "although no file has the path now";
  EXPECT_THAT(f.read(), IsEmpty());
}

TEST(FileTailPattern, ReadsAnEmptyFileThatIsFilledAndRenamedBetweenTwoScans) {
  Follower f(LogOptions::From::checkpoint, "*.log");
  write(f, "a.log", "");
  f.start();
  EXPECT_THAT(f.read(), IsEmpty());
  write(f, "a.log", "1\n");
  f.rename("a.log", "a.log.1");
  EXPECT_THAT(f.read(), ElementsAre("1"));
}

TEST(FileTailPattern, LimitsPathsNotRotatedFiles) {
  Follower f(LogOptions::From::checkpoint, "*.log");
  f.options().max_files = 2;
  f.start();
  for (int i = 0; i < 5; ++i) {
    write(f, "a.log", std::to_string(i) + "\n");
    write(f, "b.log", std::to_string(i) + "\n");
    EXPECT_THAT(f.read(), ElementsAre(std::to_string(i), std::to_string(i)));
    f.rename("a.log", "a.log." + std::to_string(i));
  }
  EXPECT_EQ(f.status().files_ignored, 0U) << "rotated files do not count";
}

TEST(FileTailPattern, DoesNotReadCopies) {
  Follower f(LogOptions::From::beginning, "log*");
  write(f, "log", "a line\nand one more\n");
  f.start();
  EXPECT_EQ(f.read().size(), 2U);
  write(f, "log.1", "a line\n");  // cp(1) is at work
  EXPECT_THAT(f.read(), IsEmpty());
  write(f, "log.1", "and one more\n");
  EXPECT_THAT(f.read(), IsEmpty());
  fs::resize_file(f.log(), 0);
  write(f, "log", "b\n");
  EXPECT_THAT(f.read(), ElementsAre("b"));
  TestClock::advance(std::chrono::minutes(10));
  EXPECT_THAT(f.read(), IsEmpty());
}

/// Erlang's disk_log: emqx.log.1 to emqx.log.3, of which the next is truncated in place when one is full.
TEST(FileTailPattern, ReadsAWrapSetRoundAfterRound) {
  Follower f(LogOptions::From::checkpoint, "emqx.log.*");
  write(f, "emqx.log.idx", std::string("\0\0\0\0\0\2\0\0\0\1\n", 11));
  write(f, "emqx.log.siz", std::string("\2\0\n", 3));
  f.start();
  std::vector<std::string> expected;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "emqx.log." + std::to_string(1 + i % 3);
    if (fs::exists(f.file(name))) fs::resize_file(f.file(name), 0);
    for (const char* part : {" first", " second"}) {
      const std::string line = "2026-11-22 10:00:" + std::to_string(i) + part;
      write(f, name, line + "\n");
      EXPECT_THAT(f.read(), ElementsAre(line)) << i;
    }
    if (i % 4 == 3) {
      f.stop();
      f.start();
    }
  }
  EXPECT_EQ(f.status().lost_bytes, 0U);
}

TEST(FileTailPattern, LimitsFilesAndDescriptors) {
  Follower f(LogOptions::From::beginning, "log*");
  f.options_.max_files = 100;
  std::vector<std::string> expected;
  for (int i = 0; i < 110; ++i) write(f, "log" + std::to_string(1000 + i), std::to_string(i) + "\n");
  for (int i = 0; i < 100; ++i) expected.push_back(std::to_string(i));
  f.start();
  EXPECT_EQ(f.read(), expected);
  EXPECT_EQ(f.status().files_ignored, 10U);
  EXPECT_LE(f.status().files_open, 64U);
  EXPECT_THAT(f.status().state, HasSubstr("; 10 more are ignored (max_files is 100)"));

  expected.clear();
  for (int i = 0; i < 100; ++i) {
    write(f, "log" + std::to_string(1000 + i), "more " + std::to_string(i) + "\n");
    expected.push_back("more " + std::to_string(i));
  }
  EXPECT_THAT(f.read(), testing::UnorderedElementsAreArray(expected)) << "closed files too";
  EXPECT_EQ(f.status().files_ignored, 10U) << "each is counted once";
  EXPECT_LE(f.status().files_open, 64U);

  fs::remove(f.file("log1000"));
  f.rename("log1001", "old");
  TestClock::advance(std::chrono::minutes(10));
  EXPECT_THAT(f.read(), testing::Each(testing::AnyOf("100", "101")));
  EXPECT_THAT(f.read(), testing::Each(testing::AnyOf("100", "101"))) << "other files can be followed again";
}

TEST(FileTailPattern, WaitsUntilAFileMatches) {
  Follower f(LogOptions::From::end, "log*");
  f.start();
  EXPECT_FALSE(f.status().up);
  EXPECT_THAT(f.status().state, HasSubstr("no file matches"));
  write(f, "log", "a\n");
  EXPECT_THAT(f.read(), ElementsAre("a"));
  EXPECT_TRUE(f.status().up);
}

}  // namespace
}  // namespace mre
