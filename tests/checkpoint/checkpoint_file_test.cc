// SPDX-License-Identifier: Apache-2.0
#include "exporter/checkpoint/checkpoint_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "exporter/base/bytes.h"
#include "tests/support/temp_dir.h"

namespace {

/// The system calls of the code under test, in order; and which of them fails, with which errno.
struct System {
  bool watched = false;
  std::vector<std::string> calls;
  std::size_t failing = SIZE_MAX;
  int error = 0;

  bool fails(const std::string& call) {
    if (!watched) return false;
    calls.push_back(call);
    if (calls.size() - 1 != failing) return false;
    errno = error;
    return true;
  }
};
System& the_system() {
  static System system;
  return system;
}

std::string name_of(int fd) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), ignored).filename();
}

}  // namespace

// These are linked before the functions of libc.
extern "C" {
ssize_t write(int fd, const void* bytes, size_t size) {
  if (the_system().watched && the_system().fails("write " + name_of(fd))) return -1;
  return ::syscall(SYS_write, fd, bytes, size);
}
int fsync(int fd) {
  if (the_system().watched && the_system().fails("fsync " + name_of(fd))) return -1;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
int openat(int dir, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0;
  va_end(more);
  if (the_system().fails(std::string("open ") + path)) return -1;
  return static_cast<int>(::syscall(SYS_openat, dir, path, flags, mode));
}
int renameat(int from_dir, const char* from, int to_dir, const char* to) noexcept {
  if (the_system().fails(std::string("rename ") + from + " " + to)) return -1;
  return static_cast<int>(::syscall(SYS_renameat2, from_dir, from, to_dir, to, 0));
}
int unlinkat(int dir, const char* path, int flags) noexcept {
  if (the_system().fails(std::string("unlink ") + path)) return -1;
  return static_cast<int>(::syscall(SYS_unlinkat, dir, path, flags));
}
int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) noexcept {
  if (the_system().fails(std::string("link ") + from + " " + to)) return -1;
  return static_cast<int>(::syscall(SYS_linkat, from_dir, from, to_dir, to, flags));
}
}

namespace mre {
namespace {

using testing::ElementsAre;

class CheckpointFileTest : public testing::Test {
 protected:
  ~CheckpointFileTest() override { the_system() = {}; }

  CheckpointFile file() { return {directory_, "b@s"}; }
  LoadedCheckpoint load() { return file().load(); }
  void save(const std::string& bytes) { ASSERT_TRUE(file_after_load().save(bytes)); }
  CheckpointFile file_after_load() {
    CheckpointFile one = file();
    (void)one.load();
    return one;
  }

  /// Records the system calls of `act`; call number `failing` fails.
  template <class Act>
  auto watch(Act&& act, std::size_t failing = SIZE_MAX, int error = EIO) {
    the_system() = {true, {}, failing, error};
    auto result = act();
    the_system().watched = false;
    return result;
  }

  const test::TempDir dir_;
  const std::shared_ptr<const StateDirectory> directory_ = StateDirectory::open(dir_.path()).value();
};

TEST_F(CheckpointFileTest, IsEmptyAtFirst) {
  const LoadedCheckpoint loaded = load();
  EXPECT_FALSE(loaded.bytes);
  EXPECT_FALSE(loaded.may_be_old);
}

TEST_F(CheckpointFileTest, LoadsTheLastSavedBytes) {
  const std::string hostile("\0\n\xFF", 3);
  for (const std::string& bytes : {std::string("a"), std::string(), std::string(1 << 20, 'x'), hostile}) {
    save(bytes);
    const LoadedCheckpoint loaded = load();
    EXPECT_EQ(loaded.bytes, bytes);
    EXPECT_FALSE(loaded.may_be_old);
  }
}

TEST_F(CheckpointFileTest, IsReadableByItsOwnerOnly) {
  save("a");
  struct stat st{};
  ASSERT_EQ(::stat(dir_.file("b@s.0").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0600U);
}

TEST_F(CheckpointFileTest, SyncsEachStepBeforeTheNext) {
  CheckpointFile one = file_after_load();
  ASSERT_TRUE(one.save("a"));
  ASSERT_TRUE(watch([&] { return one.save("b"); }));
  EXPECT_THAT(
      the_system().calls,
      ElementsAre("unlink b@s.new", "open b@s.new", "write b@s.new", "fsync b@s.new", "rename b@s.new b@s.1",
                  "fsync " + std::filesystem::path(dir_.path()).filename().string()));
}

TEST_F(CheckpointFileTest, AFailedCallLeavesThePreviousOrTheNewCheckpoint) {
  for (const int error : {EIO, ENOSPC, EROFS, EACCES}) {
    for (std::size_t failing = 0; failing < 6; ++failing) {
      const test::TempDir dir;
      const auto directory = StateDirectory::open(dir.path()).value();
      CheckpointFile one(directory, "b@s");
      (void)one.load();
      ASSERT_TRUE(one.save("before"));
      const auto saved = watch([&] { return one.save("new"); }, failing, error);
      const std::string call = the_system().calls.at(failing);
      const LoadedCheckpoint loaded = CheckpointFile(directory, "b@s").load();
      if (saved) {
        EXPECT_EQ(call, "unlink b@s.new") << "nothing was there to be removed";
        EXPECT_EQ(loaded.bytes, "new");
        continue;
      }
      EXPECT_THAT(saved.error().what, testing::HasSubstr(dir.path())) << call;
      EXPECT_THAT(loaded.bytes, testing::AnyOf("before", "new")) << call;
      EXPECT_FALSE(loaded.may_be_old);
      one.mark_old();
      EXPECT_TRUE(CheckpointFile(directory, "b@s").load().may_be_old) << call;
      EXPECT_TRUE(one.save("later")) << "the error is gone";
      const LoadedCheckpoint later = CheckpointFile(directory, "b@s").load();
      EXPECT_EQ(later.bytes, "later");
      EXPECT_FALSE(later.may_be_old) << call;
    }
  }
}

TEST_F(CheckpointFileTest, DeletesACheckpointThatCannotBeMarked) {
  CheckpointFile one = file_after_load();
  ASSERT_TRUE(one.save("a"));
  ASSERT_TRUE(one.save("b"));
  watch(
      [&] {
        one.mark_old();
        return 0;
      },
      0, ENOSPC);
  EXPECT_EQ(the_system().calls.at(0), "link b@s.1 b@s.old");
  EXPECT_FALSE(load().bytes);
}

TEST_F(CheckpointFileTest, RejectsEveryDamagedFile) {
  CheckpointFile one = file_after_load();
  ASSERT_TRUE(one.save("the first"));
  ASSERT_TRUE(one.save("the second"));
  const std::string good = dir_.read("b@s.1");
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 1000; ++i) {
    std::string bad = good;
    switch (random() % 4) {
      case 0:
        bad.resize(random() % bad.size());
        break;
      case 1:
        bad[random() % bad.size()] ^= static_cast<char>(1U << (random() % 8));
        break;
      case 2:
        std::fill(bad.begin() + static_cast<long>(random() % bad.size()), bad.end(), '\0');
        break;
      default:
        bad += static_cast<char>(random());
    }
    if (bad == good) continue;
    dir_.write("b@s.1", bad);
    const LoadedCheckpoint loaded = load();
    ASSERT_EQ(loaded.bytes, "the first");
    ASSERT_TRUE(loaded.may_be_old);
  }
}

TEST_F(CheckpointFileTest, RejectsFilesOfOthers) {
  struct Row {
    const char* why;
    CheckpointReject cause;
    void (*make)(const test::TempDir& dir);
  };
  const Row rows[] = {
      {"a symbolic link, to a good one", CheckpointReject::not_ours,
       [](const test::TempDir& dir) {
         std::filesystem::rename(dir.file("b@s.0"), dir.file("elsewhere"));
         std::filesystem::create_symlink(dir.file("elsewhere"), dir.file("b@s.0"));
       }},
      {"others may write it", CheckpointReject::not_ours,
       [](const test::TempDir& dir) { ::chmod(dir.file("b@s.0").c_str(), 0622); }},
      {"a directory", CheckpointReject::not_ours,
       [](const test::TempDir& dir) {
         std::filesystem::remove(dir.file("b@s.0"));
         std::filesystem::create_directory(dir.file("b@s.0"));
       }},
      {"a FIFO without a writer", CheckpointReject::not_ours,
       [](const test::TempDir& dir) {
         std::filesystem::remove(dir.file("b@s.0"));
         ::mkfifo(dir.file("b@s.0").c_str(), 0600);
       }},
      {"empty", CheckpointReject::damaged, [](const test::TempDir& dir) { dir.write("b@s.0", ""); }},
      {"another program's", CheckpointReject::damaged,
       [](const test::TempDir& dir) { dir.write("b@s.0", std::string(4096, 'x')); }},
  };
  for (const Row& row : rows) {
    const test::TempDir dir;
    const auto directory = StateDirectory::open(dir.path()).value();
    CheckpointFile one(directory, "b@s");
    (void)one.load();
    ASSERT_TRUE(one.save("a"));
    row.make(dir);
    const LoadedCheckpoint loaded = CheckpointFile(directory, "b@s").load();
    EXPECT_FALSE(loaded.bytes) << row.why;
    EXPECT_EQ(loaded.rejected[static_cast<std::size_t>(row.cause)], 1U) << row.why;
    EXPECT_TRUE(loaded.may_be_old) << row.why;
  }
}

TEST_F(CheckpointFileTest, RejectsALaterVersion) {
  save("a");
  std::string frame = dir_.read("b@s.0");
  frame[8] = 2;  // the version
  ByteWriter sum;
  unsigned long crc = 0xFFFFFFFFUL;
  for (const char c : frame.substr(0, frame.size() - 8)) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0xEDB88320UL : crc >> 1U;
  }
  sum.word(crc ^ 0xFFFFFFFFUL);
  dir_.write("b@s.0", frame.substr(0, frame.size() - 8) + sum.bytes());
  const LoadedCheckpoint loaded = load();
  EXPECT_FALSE(loaded.bytes);
  EXPECT_EQ(loaded.rejected[static_cast<std::size_t>(CheckpointReject::newer_version)], 1U);
}

/// A child process saves increasing numbers and reports each saved one; it is killed at some moment.
TEST_F(CheckpointFileTest, SurvivesAKillAtAnyMoment) {
  std::uint64_t reported = 0;
  for (int round = 0; round < 100; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      CheckpointFile one = file();
      const auto loaded = one.load();
      std::uint64_t number = loaded.bytes ? ByteReader(*loaded.bytes).word() : 0;
      for (;;) {
        ByteWriter out;
        out.word(++number);
        if (!one.save(out.bytes())) ::_exit(1);
        ::syscall(SYS_write, ends[1], &number, sizeof number);
      }
    }
    ::close(ends[1]);
    // It may save more numbers after this one.
    for (int i = 0; i <= round % 7; ++i)
      ASSERT_EQ(::read(ends[0], &reported, sizeof reported), ssize_t{sizeof reported});
    for (int spin = 0; spin < round * 20; ++spin) ::syscall(SYS_getppid);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    while (::read(ends[0], &reported, sizeof reported) == ssize_t{sizeof reported}) {
    }
    ::close(ends[0]);
    const LoadedCheckpoint loaded = load();
    ASSERT_TRUE(loaded.bytes);
    EXPECT_FALSE(loaded.may_be_old);
    const std::uint64_t number = ByteReader(*loaded.bytes).word();
    EXPECT_GE(number, reported);
    EXPECT_LE(number, reported + 1);
  }
}

TEST(StateDirectory, IsCreatedForItsOwnerOnly) {
  const test::TempDir dir;
  ASSERT_TRUE(StateDirectory::open(dir.file("a/b/c")));
  struct stat st{};
  ASSERT_EQ(::stat(dir.file("a/b/c").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0700U);
}

TEST(StateDirectory, IsLockedByOneExporter) {
  const test::TempDir dir;
  auto first = StateDirectory::open(dir.path());
  ASSERT_TRUE(first);
  const auto second = StateDirectory::open(dir.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::invalid_config);
  EXPECT_THAT(second.error().what, testing::HasSubstr("--state.dir"));
  first = fail(Errc::unavailable, "");
  EXPECT_TRUE(StateDirectory::open(dir.path())) << "the lock was released";
}

TEST(StateDirectory, AUserWhoMayListItCannotLockOutTheExporter) {
  const test::TempDir dir;
  const Fd other(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
  EXPECT_TRUE(StateDirectory::open(dir.path()));
}

TEST(StateDirectory, ReportsThatOthersMayWriteInIt) {
  const test::TempDir dir;
  EXPECT_FALSE((*StateDirectory::open(dir.path()))->is_shared());
  ASSERT_EQ(::chmod(dir.path().c_str(), 0777), 0);
  EXPECT_TRUE((*StateDirectory::open(dir.path()))->is_shared());
}

TEST(StateDirectory, RejectsADirectoryOfAnotherUser) {
  const test::TempDir dir;
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ASSERT_EQ(::chown(dir.path().c_str(), 12345, 12345), 0);
  const auto opened = StateDirectory::open(dir.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid_config);
  EXPECT_THAT(opened.error().what, testing::HasSubstr("belongs to another user (12345)"));
}

TEST(StateDirectory, IsUnavailableIfItCannotBeOpened) {
  const test::TempDir dir;
  for (const std::string& path : {dir.write("file", ""), dir.file("file/below")}) {
    const auto opened = StateDirectory::open(path);
    ASSERT_FALSE(opened) << path;
    EXPECT_EQ(opened.error().code, Errc::unavailable) << path;
  }
}

}  // namespace
}  // namespace mre
