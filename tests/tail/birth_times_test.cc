// SPDX-License-Identifier: Apache-2.0
// Without birth times an inode does not identify a file, because the next file gets the inode of a deleted one.
#include "tests/tail/birth_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "tests/tail/file_tail_support.h"

namespace {

std::atomic<bool> reported = true;

}  // namespace

/// Linked before the function of the C library.
extern "C" int statx(int directory, const char* path, int flags, unsigned mask, struct statx* out) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_statx, directory, path, flags, mask, out));
  if (result == 0 && !reported) {
    out->stx_mask &= ~static_cast<unsigned>(STATX_BTIME);
    out->stx_btime = {};
  }
  return result;
}

namespace mre {

void report_birth_times(bool report) { reported = report; }

namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class NoBirthTimes : public testing::Test {
 public:
  NoBirthTimes() { report_birth_times(false); }
  ~NoBirthTimes() override { report_birth_times(true); }
};

TEST_F(NoBirthTimes, ReportsNone) {
  const TempDir dir;
  append(dir.file("a"), "a");
  EXPECT_EQ(metadata_of(dir.file("a"))->identity.birth_ns, 0);
}

/// Deletes `name` of `w` and creates it again, with `text`, until it has the inode that it had.
bool create_with_same_inode(const Follower& w, const char* name, const std::string& text) {
  const auto inode = metadata_of(w.file(name))->identity.inode;
  for (int tries = 0; tries < 100; ++tries) {
    fs::remove(w.file(name));
    append(w.file(name), text);
    if (metadata_of(w.file(name))->identity.inode == inode) return true;
    fs::rename(w.file(name), w.file("elsewhere" + std::to_string(tries)));
    append(w.file(name), "");
  }
  return false;
}

TEST_F(NoBirthTimes, ReadsARotatedFileThatReusesTheInodeOfAProcessedOne) {
  for (const char* const pattern : {"log", "*g"}) {
    for (const bool empty : {false, true}) {
      SCOPED_TRACE(std::string(pattern) + (empty ? ", empty" : ""));
      Follower w(LogOptions::From::beginning, pattern);
      w.start();
      append(w.log(), empty ? "" : "a\n");
      w.read();
      w.rename("log", "log.1");
      append(w.log(), "b\n");
      w.read();
      TestClock::advance(std::chrono::seconds(6));
      w.read();  // log.1 is no longer followed
      w.rename("log.1", "log.2");
      // Between two scans another file with the inode of log.1 had the path and was renamed.
      if (!create_with_same_inode(w, "log.2", "c\n")) GTEST_SKIP() << "inodes are not reused here";
      w.rename("log", "log.3");
      w.rename("log.2", "log.1");
      append(w.log(), "d\n");
      EXPECT_THAT(w.read(), ElementsAre("c", "d"));
    }
  }
}

TEST_F(NoBirthTimes, ReadsANewFileOfAPatternThatReusesTheInodeOfAProcessedOne) {
  Follower w(LogOptions::From::beginning, "*.log");
  w.start();
  append(w.file("a.log"), "a\n");
  append(w.file("b.log"), "b\n");
  EXPECT_THAT(w.read(), testing::UnorderedElementsAre("a", "b"));
  w.rename("a.log", "a.log.1");
  append(w.file("a.log"), "c\n");
  w.read();
  TestClock::advance(std::chrono::seconds(6));
  w.read();  // a.log.1 is no longer followed
  w.rename("a.log.1", "c.log");
  if (!create_with_same_inode(w, "c.log", "d\n")) GTEST_SKIP() << "inodes are not reused here";
  EXPECT_THAT(w.read(), ElementsAre("d"));
}

}  // namespace
}  // namespace mre
