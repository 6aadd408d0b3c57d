// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/file_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/poll.h"
#include "tests/tail/file_tail_support.h"

namespace mre {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kBeginning = LogOptions::From::beginning;
constexpr auto kEnd = LogOptions::From::end;

class FileTailTest : public testing::Test {
 public:
  FileTail tail(LogOptions::From from = kBeginning) {
    return FileTail({log_, from, 1000}, {}, &TestClock::now);
  }

  void rename_log(const char* to = "log.1") { fs::rename(log_, dir_.file(to)); }
  void create() { append(log_, ""); }

  TempDir dir_;
  const std::string log_ = dir_.file("log");
};

TEST_F(FileTailTest, StartsAtTheConfiguredPosition) {
  const struct {
    const char* why;
    const char* before;
    LogOptions::From from;
    const char* after;
    std::vector<std::string> lines;
  } cases[] = {
      {"from the beginning", "a\nb\n", kBeginning, "c\n", {"a", "b", "c"}},
      {"from the end", "a\nb\n", kEnd, "c\n", {"c"}},
      {"the end of an empty file", "", kEnd, "c\n", {"c"}},
      {"a line that is being written at the start is read whole", "a\nhal", kEnd, "f\nc\n", {"half", "c"}},
      {"also if it is the first line", "hal", kEnd, "f\n", {"half"}},
      {"no file at the start: the later file is read from its beginning",
       nullptr,
       kEnd,
       "a\nb\n",
       {"a", "b"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    fs::remove(log_);
    if (c.before != nullptr) append(log_, c.before);
    FileTail source = tail(c.from);
    append(log_, c.after);
    EXPECT_EQ(lines(source), c.lines);
  }
}

TEST_F(FileTailTest, LogsHowManyBytesItSkipsAtTheStart) {
  const struct {
    const char* why;
    const char* before;
    LogOptions::From from;
    bool logs;
  } cases[] = {
      {"lines before the end", "a\nb\n", kEnd, true},
      {"no checkpoint yet: at the end too", "a\nb\n", LogOptions::From::checkpoint, true},
      {"nothing before the end", "", kEnd, false},
      {"all is read", "a\nb\n", kBeginning, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    fs::remove(log_);
    append(log_, c.before);
    testing::internal::CaptureStdout();
    tail(c.from);
    spdlog::default_logger()->flush();
    const auto message =
        testing::AllOf(HasSubstr(log_), HasSubstr("does not count the lines in the 4 bytes before it"));
    EXPECT_THAT(testing::internal::GetCapturedStdout(),
                c.logs ? testing::Matcher<std::string>(message) : testing::Matcher<std::string>(IsEmpty()));
  }
}

TEST_F(FileTailTest, LogsEachDecisionAtDebugLevel) {
  spdlog::set_level(spdlog::level::debug);
  testing::internal::CaptureStdout();
  append(log_, "a\n");
  FileTail source = tail();
  lines(source);
  rename_log();
  append(log_, "b\n");
  lines(source);
  TestClock::advance(std::chrono::seconds(6));
  lines(source);
  fs::resize_file(log_, 0);
  lines(source);
  spdlog::default_logger()->flush();
  spdlog::set_level(spdlog::level::info);
  const std::string log = testing::internal::GetCapturedStdout();
  std::size_t at = 0;
  for (const char* decision :
       {"follows the new file", "follows the new file", "stops following", "restarts the rewritten file"}) {
    at = log.find(decision, at);
    ASSERT_NE(at, std::string::npos) << decision << " in\n" << log;
    EXPECT_THAT(
        log.substr(at, log.find('\n', at) - at),
        testing::ContainsRegex(R"(/log(\.1)? \(device [0-9]+, inode [0-9]+, born [0-9]+, size [0-9]+, )"
                               R"(modified [0-9]+, offset [0-9]+\))"));
    at += 1;
  }
}

TEST_F(FileTailTest, StartsInsideALineThatIsTooLong) {
  append(log_, std::string(5000, 'x'));
  FileTail source = tail(kEnd);
  append(log_, "x\nc\n");
  EXPECT_THAT(lines(source), ElementsAre("c"));
  EXPECT_EQ(source.status().records_oversized, 1U);
}

TEST_F(FileTailTest, ReadsEveryLineOnceWhateverHappensToTheFile) {
  struct Case {
    const char* why;
    std::function<void(FileTailTest&)> act;
    std::vector<std::string> lines;
    std::uint64_t renames, truncations, lost;
  };
  const auto log = [](FileTailTest& t, const char* text) { append(t.log_, text); };
  const Case cases[] = {
      {"nothing", [](FileTailTest&) {}, {}, 0, 0, 0},
      {"renamed, no new file yet: the broker still writes to the old one",
       [](FileTailTest& t) {
         t.rename_log();
         append(t.dir_.file("log.1"), "b\n");
       },
       {"b"},
       0,
       0,
       0},
      {"logrotate create: the new file is there before the broker opens it",
       [](FileTailTest& t) {
         t.rename_log();
         t.create();
         append(t.dir_.file("log.1"), "b\n");
       },
       {"b"},
       1,
       0,
       0},
      {"both have bytes: the old one first, to its end",
       [&](FileTailTest& t) {
         append(t.log_, "b\n");
         t.rename_log();
         append(t.dir_.file("log.1"), "c\n");
         log(t, "d\n");
       },
       {"b", "c", "d"},
       1,
       0,
       0},
      {"deleted and created again",
       [&](FileTailTest& t) {
         log(t, "b\n");
         fs::remove(t.log_);
         log(t, "c\n");
       },
       {"b", "c"},
       1,
       0,
       0},
      {"replaced by another file",
       [&](FileTailTest& t) {
         append(t.dir_.file("other"), "n\n");
         fs::rename(t.dir_.file("other"), t.log_);
       },
       {"n"},
       1,
       0,
       0},
      {"a partial line in a file that is no longer followed",
       [&](FileTailTest& t) {
         log(t, "half");
         t.rename_log();
         log(t, "c\n");
       },
       {"c"},
       1,
       0,
       4},
      {"copytruncate",
       [&](FileTailTest& t) {
         fs::resize_file(t.log_, 0);
         log(t, "b\n");
       },
       {"b"},
       0,
       1,
       0},
      {"truncated and already longer than before",
       [&](FileTailTest& t) {
         fs::resize_file(t.log_, 0);
         log(t, "much longer than it was\n");
       },
       {"much longer than it was"},
       0,
       1,
       0},
      {"truncated and as long as before, with other bytes",
       [&](FileTailTest& t) {
         fs::resize_file(t.log_, 0);
         log(t, "start 2\n");
       },
       {"start 2"},
       0,
       1,
       0},
      {"truncated to nothing", [](FileTailTest& t) { fs::resize_file(t.log_, 0); }, {}, 0, 1, 0},
      {"the file is renamed and renamed back",
       [&](FileTailTest& t) {
         t.rename_log();
         fs::rename(t.dir_.file("log.1"), t.log_);
         log(t, "b\n");
       },
       {"b"},
       0,
       0,
       0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    fs::remove(log_);
    fs::remove(dir_.file("log.1"));
    append(log_, "start 1\n");
    FileTail source = tail();
    EXPECT_THAT(lines(source), ElementsAre("start 1"));
    c.act(*this);
    EXPECT_EQ(lines(source), c.lines);
    TestClock::advance(std::chrono::seconds(6));
    EXPECT_THAT(lines(source), IsEmpty());
    EXPECT_EQ(source.status().renames, c.renames);
    EXPECT_EQ(source.status().truncations, c.truncations);
    EXPECT_EQ(source.status().lost_bytes, c.lost);
    EXPECT_TRUE(source.status().up);
    EXPECT_EQ(source.status().lag_bytes, 0U);
  }
}

TEST_F(FileTailTest, CountsAPartialLineLostByTruncation) {
  append(log_, "a\nhalf");
  FileTail source = tail();
  EXPECT_THAT(lines(source), ElementsAre("a"));
  fs::resize_file(log_, 0);
  append(log_, "b\n");
  EXPECT_THAT(lines(source), ElementsAre("b"));
  EXPECT_EQ(source.status().lost_bytes, 4U);
}

TEST_F(FileTailTest, HoldsAPartialLineUntilItsNewlineComes) {
  append(log_, "a\nha");
  FileTail source = tail();
  EXPECT_THAT(lines(source), ElementsAre("a"));
  EXPECT_EQ(source.status().lag_bytes, 2U);
  append(log_, "lf");
  EXPECT_THAT(lines(source), IsEmpty());
  append(log_, "\r\n");
  EXPECT_THAT(lines(source), ElementsAre("half"));
  EXPECT_EQ(source.status().lag_bytes, 0U);
}

TEST_F(FileTailTest, ReportsUnacknowledgedBytesAsLag) {
  append(log_, "ab\ncd\n");
  FileTail source = tail();
  EXPECT_EQ(source.status().lag_bytes, 6U) << "nothing read yet";
  ASSERT_TRUE(source.next(Deadline::min()).value().has_value());
  EXPECT_EQ(source.status().lag_bytes, 6U) << "returned, but not acknowledged";
  ASSERT_TRUE(source.next(Deadline::min()).value().has_value());
  EXPECT_EQ(source.status().lag_bytes, 3U);
  ASSERT_FALSE(source.next(Deadline::min()).value().has_value());
  EXPECT_EQ(source.status().lag_bytes, 0U);
}

TEST_F(FileTailTest, ReadsTheFirstFileThroughManyRotationsUntilTheBrokerReopensItsLog) {
  append(log_, "a\n");
  FileTail source = tail();
  EXPECT_THAT(lines(source), ElementsAre("a"));
  rename_log("log.0");
  for (int i = 1; i < 40; ++i) {
    create();
    append(dir_.file("log.0"), std::to_string(i) + "\n");
    EXPECT_THAT(lines(source), ElementsAre(std::to_string(i))) << "the broker still writes to the first file";
    rename_log(("log." + std::to_string(i)).c_str());
  }
  append(log_, "z\n");
  EXPECT_THAT(lines(source), ElementsAre("z"));
}

TEST_F(FileTailTest, ReadsEveryFileInOrder) {
  append(log_, "a\n");
  FileTail source = tail();
  EXPECT_THAT(lines(source), ElementsAre("a"));
  rename_log("log.2");
  create();
  EXPECT_THAT(lines(source), IsEmpty()) << "sees the second file while it is empty";
  append(log_, "b\n");
  rename_log("log.1");
  append(log_, "c\n");
  EXPECT_THAT(lines(source), ElementsAre("b", "c")) << "the second file was renamed, but is followed";
  EXPECT_EQ(source.status().renames, 2U);
}

TEST_F(FileTailTest, DoesNotReadAFileAgainThatGetsItsNameBack) {
  append(log_, "a\n");
  FileTail source = tail();
  EXPECT_THAT(lines(source), ElementsAre("a"));
  rename_log();
  create();
  EXPECT_THAT(lines(source), IsEmpty());
  fs::rename(dir_.file("log.1"), log_);
  append(log_, "b\n");
  EXPECT_THAT(lines(source), ElementsAre("b")) << "and not from its beginning again";
}

TEST_F(FileTailTest, FollowsASymbolicLinkThatChangesItsTarget) {
  append(dir_.file("one"), "a\n");
  append(dir_.file("two"), "b\n");
  fs::create_symlink("one", log_);
  FileTail source = tail();
  EXPECT_THAT(lines(source), ElementsAre("a"));
  fs::create_symlink("two", dir_.file("new"));
  fs::rename(dir_.file("new"), log_);
  EXPECT_THAT(lines(source), ElementsAre("b"));
}

TEST_F(FileTailTest, ReportsWhyItWaitsAndRecovers) {
  FileTail source({dir_.file("later/log"), kEnd, 1000});
  EXPECT_THAT(lines(source), IsEmpty());
  EXPECT_FALSE(source.status().up);
  EXPECT_THAT(source.status().state,
              HasSubstr("waiting for " + dir_.file("later/log") + ": No such file or directory"));
  EXPECT_GE(source.status().failures, 1U);
  fs::create_directory(dir_.file("later"));
  append(dir_.file("later/log"), "a\n");
  EXPECT_THAT(lines(source), ElementsAre("a"));
  EXPECT_TRUE(source.status().up);
  EXPECT_EQ(source.status().state, "reading " + dir_.file("later/log"));
}

TEST_F(FileTailTest, RejectsWhatIsNotARegularFile) {
  const struct {
    const char* why;
    std::string path;
    const char* state;
  } cases[] = {
      {"a directory", dir_.path(), "it is a directory: give the path of a log file"},
      {"a device is not even opened", "/dev/zero", "it is not a regular file"},
      {"a kernel file that stat reports as regular", "/proc/version", "it is a kernel file, not a log"},
      {"a file used as a directory", log_ + "/x", "Not a directory"},
  };
  create();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    FileTail source({c.path, kBeginning, 1000});
    EXPECT_THAT(lines(source), IsEmpty());
    EXPECT_FALSE(source.status().up);
    EXPECT_THAT(source.status().state, HasSubstr(c.state));
  }
}

TEST_F(FileTailTest, NamesTheOwnerOfAnUnreadableFile) {
  fs::permissions(dir_.path(), fs::perms::all);
  append(log_, "a\n");
  ASSERT_EQ(::chmod(log_.c_str(), 0), 0);
  const uid_t self = ::geteuid();
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(self == 0 ? ::seteuid(kNobody) : 0, 0);
  FileTail source = tail(kEnd);
  const SourceStatus waiting = source.status();
  ASSERT_EQ(::seteuid(self), 0);
  EXPECT_FALSE(waiting.up);
  EXPECT_THAT(waiting.state, HasSubstr("waiting for " + log_ + ": Permission denied (owner "));
  EXPECT_THAT(waiting.state, HasSubstr(", mode 0000; this process runs as uid " +
                                       std::to_string(self == 0 ? kNobody : self)));
  ASSERT_EQ(::chmod(log_.c_str(), 0600), 0);
  append(log_, "b\n");
  EXPECT_THAT(lines(source), ElementsAre("b"))
      << "from where the file ended at the start, not when it became readable";
  EXPECT_TRUE(source.status().up);
}

TEST_F(FileTailTest, SkipsALineThatIsTooLong) {
  FileTail source = tail();
  append(log_, "a\n" + std::string(10 << 20, 'x') + "\nb\n");
  EXPECT_THAT(lines(source), ElementsAre("a", "b"));
  EXPECT_EQ(source.status().records_oversized, 1U);
}

TEST_F(FileTailTest, StateContainsNoControlCharacters) {
  FileTail source({dir_.file("a\nb"), kBeginning, 1000});
  EXPECT_EQ(source.status().state.find('\n'), std::string::npos);
}

TEST_F(FileTailTest, WaitsForALineFromAnotherThread) {
  create();
  FileTail source = tail();
  std::thread writer([&] { append(log_, "a\n"); });
  const auto record = source.next(test::soon());
  writer.join();
  ASSERT_TRUE(record.value().has_value());
  EXPECT_EQ((*record)->payload, "a");
}

TEST_F(FileTailTest, DeadlineEndsTheWait) {
  create();
  FileTail source = tail();
  EXPECT_FALSE(
      source.next(std::chrono::steady_clock::now() + std::chrono::milliseconds(1)).value().has_value());
}

TEST_F(FileTailTest, InterruptEndsTheCurrentOrNextWait) {
  create();
  FileTail source = tail();
  std::thread other([&] { source.interrupt(); });
  EXPECT_FALSE(source.next(test::soon()).value().has_value());
  other.join();
  append(log_, "a\n");
  EXPECT_THAT(lines(source), ElementsAre("a")) << "available lines are still returned";
}

}  // namespace
}  // namespace mre
