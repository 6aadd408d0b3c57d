// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/open_log.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

namespace mre {

namespace {

std::string user_name(uid_t uid) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return "uid " + std::to_string(uid);
}

std::string explain_access(const std::string& path) {
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0)
    return " (its mode allows it; the sandbox or another security module does not): if the directory is new, "
           "restart the exporter";
  const std::string self = "this process runs as uid " + std::to_string(::geteuid());
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0) {
    return " (" + self +
           "): it may not enter one of the directories; allow it with group membership or setfacl -m u:" +
           std::to_string(::geteuid()) + ":x DIRECTORY";
  }
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(st.st_mode & 07777));
  return " (owner " + user_name(st.st_uid) + ", mode " + mode.data() + "; " + self +
         "): run it as the owner, or let the broker's log be readable for a group that it is in, or setfacl "
         "-m u:" +
         std::to_string(::geteuid()) + ":r FILE, also after each rotation";
}

/// Why `path` cannot be opened, and what the operator can do.
std::string explain_open_failure(const std::string& path, int error) {
  const std::string why = std::generic_category().message(error);
  switch (error) {
    case EACCES:
    case EPERM:
      return why + explain_access(path);
    case ENOENT:
    case ENOTDIR:
      return why +
             ": it is read from its beginning when it appears; check the path and that the broker logs to it";
    case EMFILE:
    case ENFILE:
      return why + ": raise the limit of open files";
    default:
      return why;
  }
}

/// ENOENT and its like ask for patience, all else for a change by the operator.
tl::unexpected<Error> open_failure(const std::string& path, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  return fail(missing ? Errc::unavailable : Errc::io, explain_open_failure(path, error));
}

/// Files of the kernel say that they are regular ones. To read one is not to read what a broker has written:
/// what is read of /proc/kmsg is gone for all others.
bool is_of_kernel(int fd) {
  struct statfs system{};
  if (::fstatfs(fd, &system) != 0) return false;
  switch (static_cast<unsigned long>(system.f_type)) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case DEBUGFS_MAGIC:
    case TRACEFS_MAGIC:
    case SECURITYFS_MAGIC:
    case CGROUP2_SUPER_MAGIC:
      return true;
    default:
      return false;
  }
}

std::string_view explain_kind(mode_t mode) {
  if (S_ISDIR(mode)) return "it is a directory: give the path of a log file";
  if (S_ISFIFO(mode))
    return "it is a FIFO, which must be there at the start, readable and writable for this process";
  return "it is no regular file: give the path of a log file";
}

}  // namespace

Result<OpenLog> open_log(const std::string& path) {
  // The kind is asked before opening: to open a device or a FIFO can do something.
  auto facts = facts_of(path);
  if (!facts) return open_failure(path, errno);
  if (!S_ISREG(facts->mode)) return fail(Errc::io, std::string(explain_kind(facts->mode)));
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd || !(facts = facts_of(fd.get()))) return open_failure(path, errno);
  if (!S_ISREG(facts->mode)) return fail(Errc::io, std::string(explain_kind(facts->mode)));
  if (is_of_kernel(fd.get()))
    return fail(Errc::io, "it is a file of the kernel, not a log: give the path of a log file");
  return OpenLog{std::move(fd), *facts};
}

}  // namespace mre
