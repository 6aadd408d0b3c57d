// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <thread>

#include "exporter/base/fd.h"
#include "exporter/process/privileges.h"
#include "exporter/process/sanitized.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

/// A log directory, a state directory and another file, all readable for this user.
class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a program built with a sanitizer has no sandbox";
    for (const char* name : {"logs", "state", "other"}) std::filesystem::create_directory(dir_.file(name));
    dir_.write("logs/log", "x\n");
    dir_.write("other/secret", "x\n");
    dir_.write("state/b@s.0", "x\n");
    state_ = Fd(::open(dir_.file("state").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  Needs needs() const {
    return {.files = {{dir_.file("logs/log"), "the log"}},
            .directories = {{dir_.file("logs"), "the log"}},
            .capture = ""};
  }

  /// Enters the sandbox in this process, which must be a child of the test.
  SandboxReport enter(const Needs& of) const {
    if (!Privileges::reduce(std::nullopt, of)) std::_Exit(3);
    return enter_sandbox({.needs = of, .state_directory = state_.get(), .network = true});
  }

  const test::TempDir dir_;
  Fd state_;
};

/// 0, or the errno.
int try_open(const std::string& path, int flags) {
  const Fd fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  return fd ? 0 : errno;
}
int error_of(long result) { return result < 0 ? errno : 0; }

/// An action in the sandbox, and whether it is allowed.
struct Attempt {
  const char* what;
  bool allowed;
  int (*act)(const test::TempDir& dir, int state);  ///< 0, or an errno.
};

const Attempt kFiles[] = {
    {"read the log", true,
     [](const test::TempDir& d, int) { return try_open(d.file("logs/log"), O_RDONLY); }},
    {"read a log that appears", true,
     [](const test::TempDir& d, int) { return try_open(d.file("logs"), O_RDONLY | O_DIRECTORY); }},
    {"watch the directory", true,
     [](const test::TempDir& d, int) {
       const Fd watch(::inotify_init1(IN_CLOEXEC));
       return error_of(::inotify_add_watch(watch.get(), d.file("logs").c_str(), IN_MODIFY));
     }},
    {"write the log", false,
     [](const test::TempDir& d, int) { return try_open(d.file("logs/log"), O_WRONLY); }},
    {"make a file beside the log", false,
     [](const test::TempDir& d, int) { return try_open(d.file("logs/new"), O_WRONLY | O_CREAT); }},
    {"remove the log", false,
     [](const test::TempDir& d, int) { return error_of(::unlink(d.file("logs/log").c_str())); }},
    {"read another file", false,
     [](const test::TempDir& d, int) { return try_open(d.file("other/secret"), O_RDONLY); }},
    {"list another directory", false,
     [](const test::TempDir& d, int) { return try_open(d.file("other"), O_RDONLY | O_DIRECTORY); }},
    {"write /etc", false,
     [](const test::TempDir&, int) { return try_open("/etc/mre-sandbox", O_WRONLY | O_CREAT); }},
    {"write a checkpoint", true,
     [](const test::TempDir&, int state) {
       const Fd fd(::openat(state, "b@s.new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
       if (!fd || ::write(fd.get(), "y", 1) != 1 || ::fsync(fd.get()) != 0) return errno;
       if (::linkat(state, "b@s.0", state, "b@s.old", 0) != 0) return errno;
       if (::renameat(state, "b@s.new", state, "b@s.0") != 0 || ::fsync(state) != 0) return errno;
       return error_of(::unlinkat(state, "b@s.old", 0));
     }},
    {"make a directory in the state", false,
     [](const test::TempDir&, int state) { return error_of(::mkdirat(state, "new", 0700)); }},
    {"read information about itself", true,
     [](const test::TempDir&, int) { return try_open("/proc/self/stat", O_RDONLY); }},
    {"list its descriptors", true,
     [](const test::TempDir&, int) { return try_open("/proc/self/fd", O_RDONLY | O_DIRECTORY); }},
};

const Attempt kCalls[] = {
    {"start a thread", true,
     [](const test::TempDir&, int) {
       int done = EAGAIN;
       std::thread([&done] { done = 0; }).join();
       return done;
     }},
    {"resolve a name", true,
     [](const test::TempDir&, int) {
       addrinfo* found = nullptr;
       const int error = ::getaddrinfo("localhost", "1883", nullptr, &found);
       if (error == 0) ::freeaddrinfo(found);
       return error == 0 ? 0 : EIO;
     }},
    {"make a TCP socket", true,
     [](const test::TempDir&, int) { return error_of(::socket(AF_INET, SOCK_STREAM, 0)); }},
    {"make a packet socket", false,
     [](const test::TempDir&, int) { return error_of(::socket(AF_PACKET, SOCK_RAW, 0)); }},
    {"make a socket of another family", false,
     [](const test::TempDir&, int) { return error_of(::socket(AF_VSOCK, SOCK_STREAM, 0)); }},
    {"execute a program", false,
     [](const test::TempDir&, int) { return error_of(::execl("/bin/true", "true", nullptr)); }},
    {"fork", false,
     [](const test::TempDir&, int) {
       const pid_t child = ::fork();
       if (child == 0) ::_exit(0);
       return error_of(child);
     }},
    {"make a user namespace", false,
     [](const test::TempDir&, int) { return error_of(::unshare(CLONE_NEWUSER)); }},
    {"trace its parent", false,
     [](const test::TempDir&, int) { return error_of(::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0)); }},
    {"signal its parent", false, [](const test::TempDir&, int) { return error_of(::kill(::getppid(), 0)); }},
    {"become root", false, [](const test::TempDir&, int) { return error_of(::setuid(0)); }},
    {"take a capability", false,
     [](const test::TempDir&, int) { return error_of(::syscall(SYS_capset, nullptr, nullptr)); }},
    {"mount", false,
     [](const test::TempDir&, int) { return error_of(::syscall(SYS_mount, "x", "/", "tmpfs", 0, nullptr)); }},
    {"use io_uring", false,
     [](const test::TempDir&, int) { return error_of(::syscall(SYS_io_uring_setup, 1, nullptr)); }},
    {"use bpf", false, [](const test::TempDir&, int) { return error_of(::syscall(SYS_bpf, 0, nullptr, 0)); }},
    {"make memory writable and executable", false,
     [](const test::TempDir&, int) {
       void* at =
           ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       return at == MAP_FAILED ? errno : 0;
     }},
    {"make a written page executable", false,
     [](const test::TempDir&, int) {
       void* at = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       return error_of(::mprotect(at, 4096, PROT_READ | PROT_EXEC));
     }},
    {"load a library", true,
     [](const test::TempDir&, int) {
       void* at = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       return at == MAP_FAILED ? errno : 0;
     }},
};

/// Ends the process with 0 if each attempt had the expected result.
[[noreturn]] void judge(std::span<const Attempt> attempts, const SandboxReport& report,
                        const test::TempDir& dir, int state) {
  bool good = true;
  for (const std::string& warning : report.warnings) std::fprintf(stderr, "%s\n", warning.c_str());
  for (const Attempt& attempt : attempts) {
    const int error = attempt.act(dir, state);
    if ((error == 0) == attempt.allowed) continue;
    std::fprintf(stderr, "%s: %s\n", attempt.what,
                 error == 0 ? "succeeded" : std::generic_category().message(error).c_str());
    good = false;
  }
  std::_Exit(good ? 0 : 1);
}

TEST_F(SandboxTest, AllowsOnlyRequiredFiles) {
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 1)
    GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EXIT(judge(kFiles, enter(needs()), dir_, state_.get()), testing::ExitedWithCode(0), "");
}

TEST_F(SandboxTest, AllowsOnlyRequiredSystemCalls) {
  EXPECT_EXIT(judge(kCalls, enter(needs()), dir_, state_.get()), testing::ExitedWithCode(0), "");
}

TEST_F(SandboxTest, RejectsAReloadThatNeedsOtherDirectories) {
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 1)
    GTEST_SKIP() << "this kernel has no Landlock";
  const std::string here = dir_.file("logs/");
  const std::string there = dir_.file("other/");
  struct Row {
    const char* why;
    Needs needs;
    bool allowed;
  };
  const Row rows[] = {
      {"the same", needs(), true},
      {"another log in the same directory",
       {.files = {{here + "another", ""}}, .directories = {{here, ""}}, .capture = ""},
       true},
      {"a file elsewhere", {.files = {{there + "secret", ""}}, .directories = {}, .capture = ""}, false},
      {"a missing file elsewhere",
       {.files = {{there + "missing", ""}}, .directories = {}, .capture = ""},
       false},
      {"a directory elsewhere", {.files = {}, .directories = {{there, ""}}, .capture = ""}, false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EXIT(
        {
          enter(needs());
          std::_Exit(sandbox_allows(row.needs).has_value() == row.allowed ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
  }
  EXPECT_TRUE(sandbox_allows({.files = {{there + "secret", ""}}, .directories = {}, .capture = ""}))
      << "outside of a sandbox";
}

TEST_F(SandboxTest, AMissingDirectoryDoesNotOpenAllFiles) {
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 1)
    GTEST_SKIP() << "this kernel has no Landlock";
  Needs missing = needs();
  missing.directories.push_back({"/mre-missing", "the log"});
  missing.files.push_back({"/mre-missing/log", "the log"});
  EXPECT_EXIT(
      judge(kFiles, enter(missing), dir_, state_.get()), testing::ExitedWithCode(0),
      "^the log: /mre-missing does not exist or cannot be entered, so the process can open no file in it: "
      "restart the exporter when the directory exists\n$");
}

TEST_F(SandboxTest, WarnsThatAMissingDirectoryOpensItsParent) {
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 1)
    GTEST_SKIP() << "this kernel has no Landlock";
  Needs missing = needs();
  missing.files.push_back({dir_.file("other/missing/log"), "the log"});
  EXPECT_EXIT(
      {
        for (const std::string& warning : enter(missing).warnings)
          std::fprintf(stderr, "%s\n", warning.c_str());
        std::_Exit(try_open(dir_.file("other/secret"), O_RDONLY));
      },
      testing::ExitedWithCode(0),
      "other/missing does not exist .* can open every file below .*/other: restart");
}

TEST_F(SandboxTest, AllowsReadingAllFilesForPatternsOfSymbolicLinks) {
  Needs anywhere = needs();
  anywhere.directories.push_back({"/", "the log"});
  EXPECT_EXIT(
      {
        const SandboxReport report = enter(anywhere);
        std::fprintf(stderr, "%s\n", report.summary.c_str());
        const bool read = try_open(dir_.file("other/secret"), O_RDONLY) == 0;
        const bool written = try_open(dir_.file("other/secret"), O_WRONLY) == 0;
        std::_Exit(read && !written ? 0 : 1);
      },
      testing::ExitedWithCode(0), "any file for reading");
}

}  // namespace
}  // namespace mre
