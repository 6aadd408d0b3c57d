// SPDX-License-Identifier: Apache-2.0
// The constants are those of linux/landlock.h: the header of Debian 12
// lacks the later ones, and the C library has no functions for the three calls. Only the rights that the
// version of the kernel supports are passed to it.
#include "exporter/process/landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "exporter/base/fd.h"

namespace mre {
namespace {

constexpr std::uint64_t kExecute = 1U << 0U;
constexpr std::uint64_t kWriteFile = 1U << 1U;
constexpr std::uint64_t kReadFile = 1U << 2U;
constexpr std::uint64_t kReadDirectory = 1U << 3U;
constexpr std::uint64_t kRemoveFile = 1U << 5U;
constexpr std::uint64_t kMakeRegular = 1U << 8U;
constexpr std::uint64_t kFileRights = kExecute | kWriteFile | kReadFile;

constexpr std::uint64_t kBindTcp = 1U << 0U;
constexpr std::uint64_t kScopes = 1U << 0U | 1U << 1U;  // abstract UNIX sockets, signals

/// struct landlock_ruleset_attr, to which later kernels only append.
struct Ruleset {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scopes;
};

/// struct landlock_path_beneath_attr
struct [[gnu::packed]] PathRule {
  std::uint64_t allowed;
  std::int32_t parent;
};

constexpr int kRuleForPath = 1;
constexpr unsigned kGetVersion = 1;

/// All file rights that this version can restrict.
std::uint64_t file_rights(long version) {
  const unsigned count = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  return (std::uint64_t{1} << count) - 1;
}

tl::unexpected<Error> unavailable(const std::string& call) {
  return fail(Errc::unavailable, call + ": " + std::generic_category().message(errno));
}

class Rules {
 public:
  explicit Rules(long version) : handled_(file_rights(version)) {
    const Ruleset attributes{handled_, version >= 4 ? kBindTcp : 0, version >= 6 ? kScopes : 0};
    fd_ = Fd(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  }

  int fd() const { return fd_.get(); }

  void allow(const std::string& path, std::uint64_t rights) {
    const Fd opened(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (opened) allow(opened.get(), rights);
  }
  void allow(int fd, std::uint64_t rights) {
    struct stat info{};
    if (::fstat(fd, &info) != 0) return;
    if (!S_ISDIR(info.st_mode)) rights &= kFileRights;
    const PathRule rule{rights & handled_, fd};
    ::syscall(SYS_landlock_add_rule, fd_.get(), kRuleForPath, &rule, 0);
  }

 private:
  const std::uint64_t handled_;
  Fd fd_;
};

}  // namespace

Result<int> restrict_files(const FileRules& rules) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kGetVersion);
  if (version < 1) return unavailable("landlock_create_ruleset(2)");
  Rules set(version);
  if (set.fd() < 0) return unavailable("landlock_create_ruleset(2)");
  for (const std::string& path : rules.read) set.allow(path, kReadFile | kReadDirectory);
  for (const std::string& path : rules.read_write) set.allow(path, kReadFile | kWriteFile);
  for (const std::string& path : rules.write_directories)
    set.allow(path, kReadFile | kReadDirectory | kWriteFile | kMakeRegular);
  if (rules.state_directory >= 0)
    set.allow(rules.state_directory, kReadFile | kReadDirectory | kWriteFile | kMakeRegular | kRemoveFile);
  if (::syscall(SYS_landlock_restrict_self, set.fd(), 0) != 0)
    return unavailable("landlock_restrict_self(2)");
  return static_cast<int>(version);
}

}  // namespace mre
