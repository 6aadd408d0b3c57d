// SPDX-License-Identifier: Apache-2.0
// Reading resumes where `save` was called, whatever happened to the log meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/tail/file_tail_support.h"

namespace mre {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void write(const Follower& f, const char* name, const std::string& text) { append(f.file(name), text); }

TEST(FileTailPosition, ResumesAfterAnyRotation) {
  const struct {
    const char* why;
    std::function<void(Follower&)> act;
    std::vector<std::string> lines;
    std::uint64_t lost;
  } cases[] = {
      {"nothing", [](Follower&) {}, {"b"}, 0},
      {"more lines", [](Follower& f) { write(f, "log", "c\n"); }, {"b", "c"}, 0},
      {"rotated",
       [](Follower& f) {
         f.rename("log", "log.1");
         write(f, "log", "c\n");
       },
       {"b", "c"},
       0},
      {"rotated, and no new file", [](Follower& f) { f.rename("log", "log.1"); }, {"b"}, 0},
      {"rotated and packed",
       [](Follower& f) {
         f.rename("log", "log.1");
         gzip(f.file("log.1"));
         write(f, "log", "c\n");
       },
       {"b", "c"},
       0},
      {"rotated three times, all packed but the last",
       [](Follower& f) {
         f.rename("log", "log.3");
         gzip(f.file("log.3"));
         write(f, "log", "c\n");
         f.rename("log", "log.2");
         gzip(f.file("log.2"));
         write(f, "log", "d\n");
         f.rename("log", "log.1");
         write(f, "log", "e\n");
       },
       {"b", "c", "d", "e"},
       0},
      {"copytruncate",
       [](Follower& f) {
         fs::copy_file(f.log(), f.file("log.1"));
         fs::resize_file(f.log(), 0);
         write(f, "log", "c\n");
       },
       {"b", "c"},
       0},
      {"copytruncate twice, both copies packed",
       [](Follower& f) {
         fs::copy_file(f.log(), f.file("log.2"));
         gzip(f.file("log.2"));
         fs::resize_file(f.log(), 0);
         write(f, "log", "c\n");
         fs::copy_file(f.log(), f.file("log.1"));
         gzip(f.file("log.1"));
         fs::resize_file(f.log(), 0);
         write(f, "log", "d\n");
       },
       {"b", "c", "d"},
       0},
      {"moved to another disk: another identity, the same content",
       [](Follower& f) {
         fs::copy_file(f.log(), f.file("new"));
         f.rename("new", "log");
         write(f, "log", "c\n");
       },
       {"b", "c"},
       0},
      {"truncated: the unread bytes that were seen are lost",
       [](Follower& f) {
         fs::resize_file(f.log(), 0);
         write(f, "log", "other\n");
       },
       {"other"},
       2},
      {"deleted",
       [](Follower& f) {
         fs::remove(f.log());
         write(f, "log", "other\n");
       },
       {"other"},
       2},
      {"a copy was made, and nothing truncated yet",
       [](Follower& f) { fs::copy_file(f.log(), f.file("log.1")); },
       {"b"},
       0},
      {"a file that was rotated before the start is not new",
       [](Follower& f) {
         gzip(f.file("log.9"));
         f.rename("log", "log.1");
         write(f, "log", "c\n");
       },
       {"b", "c"},
       0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Follower f;
    write(f, "log.9", "long ago\n");
    write(f, "log", "before\n");
    f.start();
    EXPECT_THAT(f.read(), IsEmpty()) << "without a position, from the end";
    write(f, "log", "a\nb\n");
    EXPECT_EQ(f.read_one(), "a");
    f.stop();
    c.act(f);
    f.start();
    EXPECT_EQ(f.read(), c.lines);
    EXPECT_EQ(f.status().lost_bytes, c.lost);
    EXPECT_EQ(f.status().state.find("was not found again") != std::string::npos, c.lost > 0);
    f.stop();
    f.start();
    EXPECT_THAT(f.read(), IsEmpty()) << "nothing is read twice after another restart";
    write(f, "log", "next\n");
    EXPECT_THAT(f.read(), ElementsAre("next"));
  }
}

TEST(FileTailPosition, ResumesAtEachLineOfPackedFiles) {
  Follower f(LogOptions::From::checkpoint);
  f.start();
  write(f, "log", "x\n");
  EXPECT_EQ(f.read_one(), "x");
  f.stop();
  std::vector<std::string> expected;
  for (int i = 0; i < 30; ++i) {
    expected.push_back("line " + std::to_string(i));
    write(f, "log", expected.back() + "\n");
    if (i % 10 == 9) {
      f.rename("log", "log." + std::to_string(3 - i / 10));
      gzip(f.file("log." + std::to_string(3 - i / 10)));
    }
  }
  for (const std::string& line : expected) {
    f.start();
    EXPECT_EQ(f.read_one(), line);
    f.stop();
  }
  f.start();
  EXPECT_THAT(f.read(), IsEmpty());
}

TEST(FileTailPosition, IsSavedAfterTheLastReturnedLine) {
  Follower f(LogOptions::From::checkpoint);
  f.start();
  write(f, "log", "a\nb\n" + std::string(5000, 'x') + "\nc\nhalf");
  for (const char* line : {"a", "b", "c", ""}) {
    EXPECT_EQ(f.read_one(), line);
    EXPECT_EQ(f.status().records_oversized, line == std::string("c") ? 1U : 0U);
    f.stop();
    f.start();
  }
  write(f, "log", " line\n");
  EXPECT_THAT(f.read(), ElementsAre("half line"));
}

TEST(FileTailPosition, IsIgnoredIfInvalid) {
  Follower f;
  write(f, "log", "a\n");
  f.start();
  f.stop();
  const std::string good = f.position_;
  write(f, "log", "b\n");
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes) {
    f.position_ = good.substr(0, bytes);
    f.start();
    EXPECT_THAT(f.read(), IsEmpty()) << "from the end; cut at " << bytes;
  }
  f.position_ = good + "x";
  f.start();
  EXPECT_THAT(f.read(), IsEmpty()) << "too long";
  f.position_ = "\x7f" + good.substr(1);
  f.start();
  EXPECT_THAT(f.read(), IsEmpty()) << "of another version";
  f.position_ = good;
  f.options_.from = LogOptions::From::end;
  f.start();
  EXPECT_THAT(f.read(), IsEmpty()) << "not asked for";
  f.options_.from = LogOptions::From::checkpoint;
  f.start();
  EXPECT_THAT(f.read(), ElementsAre("b"));
}

TEST(FileTailPosition, DoesNotCrashOnAnyChangedByte) {
  Follower f;
  write(f, "log", "a\n");
  f.start();
  write(f, "log", "b\n");
  f.read();
  f.stop();
  const std::string good = f.position_;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int change : {1, 0x80, 0xff}) {
      f.position_ = good;
      f.position_[at] = static_cast<char>(f.position_[at] ^ change);
      f.start();
      f.read();
    }
  }
}

TEST(FileTailPosition, ReadsEverythingIfNoFileExistedWhenItWasSaved) {
  Follower f;
  f.start();
  f.stop();
  write(f, "log", "a\n");
  f.rename("log", "log.1");
  write(f, "log", "b\n");
  f.start();
  EXPECT_THAT(f.read(), ElementsAre("a", "b")) << "all of it is new";
}

}  // namespace
}  // namespace mre
