// SPDX-License-Identifier: Apache-2.0
// Failing system calls. preadv(2) is replaced in this program and fails on request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/support/poll.h"
#include "tests/tail/file_tail_support.h"

namespace {
int preadv_error = 0;
}  // namespace

extern "C" ssize_t preadv(int fd, const iovec* pieces, int count, off_t offset) {
  if (preadv_error != 0) {
    errno = preadv_error;
    return -1;
  }
  return ::syscall(SYS_preadv, fd, pieces, count, offset, 0);
}

namespace mre {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FileTailFault, RepeatsAFailedRead) {
  for (const int error : {EIO, ESTALE}) {
    Follower f(LogOptions::From::beginning);
    append(f.log(), "a\nhal");
    f.start();
    EXPECT_THAT(f.read(), ElementsAre("a"));
    append(f.log(), "f\nb\n");
    preadv_error = error;
    EXPECT_THAT(f.read(), IsEmpty());
    EXPECT_FALSE(f.status().up);
    EXPECT_THAT(f.status().state, HasSubstr("cannot read "));
    EXPECT_GE(f.status().read_errors, 1U);
    preadv_error = 0;
    EXPECT_THAT(f.read(), ElementsAre("half", "b"));
    EXPECT_TRUE(f.status().up);
    EXPECT_EQ(f.status().lost_bytes, 0U);
  }
}

TEST(FileTailFault, ReadsOpenFilesWithoutFreeDescriptors) {
  Follower f(LogOptions::From::beginning);
  append(f.log(), "a\n");
  f.start();
  EXPECT_THAT(f.read(), ElementsAre("a"));
  append(f.log(), "b\n");
  f.rename("log", "log.1");
  append(f.log(), "c\n");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto read = f.read();
  const SourceStatus starved = f.status();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_THAT(read, ElementsAre("b")) << "of the open file";
  EXPECT_FALSE(starved.up);
  EXPECT_THAT(starved.state, HasSubstr("raise the limit of open files"));
  EXPECT_THAT(f.read(), ElementsAre("c"));
  EXPECT_TRUE(f.status().up);
}

TEST(FileTailFault, PollsWithoutInotify) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "UBSan opens a pipe to check that memory is readable, and fails without descriptors";
#endif
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  Follower f(LogOptions::From::beginning);
  f.start();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(f.status().watching);
  append(f.log(), "a\n");
  const auto record = f.tail().next(test::soon());
  ASSERT_TRUE(record && *record) << "found by polling";
  EXPECT_EQ((*record)->payload, "a");
  Follower other;
  other.start();
  EXPECT_TRUE(other.status().watching);
}

TEST(FileTailFault, ResumesAFileThatBecomesReadableAfterARestart) {
  Follower f;
  std::filesystem::permissions(f.dir_.path(), std::filesystem::perms::all);
  append(f.log(), "a\n");
  f.start();
  append(f.log(), "b\n");
  f.stop();
  append(f.log(), "c\n");
  ASSERT_EQ(::chmod(f.log().c_str(), 0), 0);
  const uid_t self = ::geteuid();
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(self == 0 ? ::seteuid(kNobody) : 0, 0);
  f.start();
  const auto refused = f.read();
  const bool up = f.status().up;
  ASSERT_EQ(::seteuid(self), 0);
  EXPECT_THAT(refused, IsEmpty());
  EXPECT_FALSE(up);
  ASSERT_EQ(::chmod(f.log().c_str(), 0600), 0);
  EXPECT_THAT(f.read(), ElementsAre("b", "c"));
  EXPECT_TRUE(f.status().up);
}

}  // namespace
}  // namespace mre
