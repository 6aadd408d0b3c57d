// SPDX-License-Identifier: Apache-2.0
// Rotation of a log while it is followed. Each row is what a broker and logrotate do between two scans.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/tail/file_tail_support.h"

namespace mre {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

struct RotatedLog : Follower {
  using Follower::Follower;
  void write(const char* name, const std::string& text) const { append(file(name), text); }
  void copy(const char* from, const char* to) const { fs::copy_file(file(from), file(to)); }
  void truncate(const char* name, std::uintmax_t bytes = 0) const { fs::resize_file(file(name), bytes); }
};

const std::string kLong(3000, '-');  // longer than any fingerprint and marker

TEST(FileTailRotation, LosesAndRepeatsNothing) {
  const struct {
    const char* why;
    std::function<void(RotatedLog&)> act;
    std::vector<std::string> lines;
    std::uint64_t lost;
  } cases[] = {
      {"two renames: the file in between had the path in no scan",
       [](RotatedLog& w) {
         w.rename("log", "log.1");
         w.write("log", "b\n");
         w.rename("log.1", "log.2");
         w.rename("log", "log.1");
         w.write("log", "c\n");
       },
       {"b", "c"},
       0},
      {"three renames, one with a date, one packed",
       [](RotatedLog& w) {
         w.rename("log", "log.1");
         w.write("log", "b\n");
         w.rename("log", "log.2");
         w.write("log", "c\n");
         w.rename("log", "log-20261122");
         gzip(w.file("log.2"));
         w.write("log", "d\n");
       },
       {"b", "c", "d"},
       0},
      {"two renames, and nothing has the name yet",
       [](RotatedLog& w) {
         w.rename("log", "log.2");
         w.write("log", "b\n");
         w.rename("log", "log.1");
       },
       {"b"},
       0},
      {"packed at once: the open file is still read",
       [](RotatedLog& w) {
         w.write("log", "b\n");
         w.rename("log", "log.1");
         w.write("log", "c\n");
         gzip(w.file("log.1"));
       },
       {"b", "c"},
       0},
      {"copytruncate with unread lines: finished from the copy",
       [](RotatedLog& w) {
         w.write("log", "b\n");
         w.copy("log", "log.1");
         w.truncate("log");
         w.write("log", "c\n");
       },
       {"b", "c"},
       0},
      {"the copy is packed already",
       [](RotatedLog& w) {
         w.write("log", "b\n");
         w.copy("log", "log.1");
         w.truncate("log");
         w.write("log", "c\n");
         gzip(w.file("log.1"));
       },
       {"b", "c"},
       0},
      {"truncated and longer than before: detected by its bytes",
       [](RotatedLog& w) {
         w.write("log", "b\n");
         w.copy("log", "log.1");
         w.truncate("log");
         w.write("log", "c " + std::string(900, 'c') + "\n");
       },
       {"b", "c " + std::string(900, 'c')},
       0},
      {"two copytruncates between two scans",
       [](RotatedLog& w) {
         w.write("log", "b\n");
         w.copy("log", "log.2");
         w.truncate("log");
         w.write("log", "c\n");
         w.copy("log", "log.1");
         w.truncate("log");
         w.write("log", "d\n");
       },
       {"b", "c", "d"},
       0},
      {"truncated without a copy",
       [](RotatedLog& w) {
         w.truncate("log");
         w.write("log", "c\n");
       },
       {"c"},
       0},
      {"a copy of what was read, beside the renamed file: no new lines",
       [](RotatedLog& w) {
         w.copy("log", "log.1");
         w.rename("log", "log.2");
         w.write("log", "c\n");
       },
       {"c"},
       0},
      {"a writer that does not append leaves a hole",
       [](RotatedLog& w) {
         const auto size = fs::file_size(w.log());
         w.copy("log", "log.1");
         w.truncate("log");
         w.truncate("log", size + 100'000);
         w.write("log", "c\n");
       },
       {"c"},
       0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    RotatedLog w(LogOptions::From::beginning);
    w.write("log", "start " + kLong.substr(0, 500) + "\n");
    w.start();
    ASSERT_EQ(w.read().size(), 1U);
    c.act(w);
    EXPECT_EQ(w.read(), c.lines);
    TestClock::advance(std::chrono::seconds(6));
    EXPECT_THAT(w.read(), IsEmpty());
    EXPECT_EQ(w.status().lost_bytes, c.lost);
    EXPECT_EQ(w.status().lag_bytes, 0U);
  }
}

TEST(FileTailRotation, CountsTheNulsOfAHole) {
  RotatedLog w(LogOptions::From::beginning);
  w.write("log", "start\n");
  w.start();
  w.read();
  w.truncate("log");
  w.truncate("log", 5'000'000);
  w.write("log", "after the hole\n");
  EXPECT_THAT(w.read(), ElementsAre("after the hole"));
  EXPECT_EQ(w.status().nul_bytes_skipped, 5'000'000U);
  EXPECT_EQ(w.status().records_oversized, 0U);
}

TEST(FileTailRotation, CountsUnreadBytesLostByTruncation) {
  RotatedLog w(LogOptions::From::beginning);
  w.write("log", "start\n");
  w.start();
  EXPECT_EQ(w.read_one(), "start");
  w.write("log", "0123456\n");
  w.truncate("log");
  w.write("log", "next\n");
  EXPECT_THAT(w.read(), ElementsAre("next"));
  EXPECT_EQ(w.status().lost_bytes, 0U) << "no scan has seen them";

  w.write("log", "a half line");
  EXPECT_THAT(w.read(), IsEmpty());
  w.truncate("log");
  EXPECT_THAT(w.read(), IsEmpty());
  EXPECT_EQ(w.status().lost_bytes, 11U);
  EXPECT_EQ(w.status().truncations, 2U);
}

TEST(FileTailRotation, FollowsARenamedFileUntilItWasSilent) {
  RotatedLog w(LogOptions::From::beginning);
  w.write("log", "a\n");
  w.start();
  w.read();
  w.rename("log", "log.1");
  w.write("log", "b\n");
  EXPECT_THAT(w.read(), ElementsAre("b"));
  TestClock::advance(std::chrono::milliseconds(4900));
  w.write("log.1", "late\n");
  EXPECT_THAT(w.read(), ElementsAre("late"))
      << "the new one has bytes, but the old one was not silent for 5 s";
  TestClock::advance(std::chrono::milliseconds(4900));
  w.write("log.1", "half");
  w.write("log", "c\n");
  EXPECT_THAT(w.read(), ElementsAre("c"));
  w.write("log.1", " and half\n");
  EXPECT_THAT(w.read(), ElementsAre("half and half")) << "reading resumes in the partial line";
  w.write("log.1", "lost");
  EXPECT_THAT(w.read(), IsEmpty());
  EXPECT_EQ(w.status().files_open, 2U);
  TestClock::advance(std::chrono::seconds(5));
  EXPECT_THAT(w.read(), IsEmpty());
  EXPECT_EQ(w.status().files_open, 1U);
  EXPECT_EQ(w.status().lost_bytes, 4U);
}

TEST(FileTailRotation, WaitsForASlowBrokerWithoutALimit) {
  RotatedLog w(LogOptions::From::beginning);
  w.write("log", "a\n");
  w.start();
  w.read();
  w.rename("log", "log.1");
  w.write("log", "");
  for (int day = 0; day < 3; ++day) {
    EXPECT_THAT(w.read(), IsEmpty());
    TestClock::advance(std::chrono::hours(24));
    w.write("log.1", "old\n");
    EXPECT_THAT(w.read(), ElementsAre("old"));
  }
  EXPECT_EQ(w.status().state, "reading the previous file of " + w.log() + " until the new file has bytes");
}

TEST(FileTailRotation, ReadsANewFileThatReusesTheInodeOfADeletedOne) {
  RotatedLog w(LogOptions::From::beginning);
  w.start();
  for (int i = 0; i < 20; ++i) {
    const std::string line = "file " + std::to_string(i);
    w.write("log", line + "\n");
    EXPECT_THAT(w.read(), ElementsAre(line));
    fs::remove(w.log());
    if (i % 2 == 0) {
      TestClock::advance(std::chrono::seconds(6));
      EXPECT_THAT(w.read(), IsEmpty());
    }
  }
  EXPECT_EQ(w.status().lost_bytes, 0U);
}

TEST(FileTailRotation, FindsRotatedFilesBesideTheTargetOfASymbolicLink) {
  RotatedLog w(LogOptions::From::beginning);
  fs::create_directory(w.file("pod"));
  w.write("pod/0.log", "a\n");
  fs::create_symlink("pod/0.log", w.log());
  w.start();
  EXPECT_THAT(w.read(), ElementsAre("a"));
  w.rename("pod/0.log", "pod/0.log.20261122-100000");
  w.write("pod/0.log", "b\n");
  w.rename("pod/0.log", "pod/0.log.20261122-110000");
  w.write("pod/0.log", "c\n");
  EXPECT_THAT(w.read(), ElementsAre("b", "c"));
  w.write("pod/1.log", "d\n");
  fs::remove(w.log());
  fs::create_symlink("pod/1.log", w.log());
  w.write("pod/0.log", "late\n");
  EXPECT_THAT(w.read(), ElementsAre("late", "d")) << "the container was started again";
}

TEST(FileTailRotation, FollowsALogWhoseDirectoryIsReplaced) {
  RotatedLog w(LogOptions::From::beginning, "directory/log");
  w.start();
  EXPECT_FALSE(w.status().up);
  fs::create_directory(w.file("directory"));
  w.write("directory/log", "a\n");
  EXPECT_THAT(w.read(), ElementsAre("a"));
  w.rename("directory", "old");
  fs::create_directory(w.file("directory"));
  w.write("directory/log", "b\n");
  w.write("old/log", "late\n");
  EXPECT_THAT(w.read(), ElementsAre("late", "b"));
}

}  // namespace
}  // namespace mre
