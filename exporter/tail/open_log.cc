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
    return " (the file mode allows it, but the sandbox or another security module does not): if the "
           "directory is "
           "new, restart the exporter";
  const std::string self = "this process runs as uid " + std::to_string(::geteuid());
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0) {
    return " (" + self +
           ") and may not enter one of the directories: add it to their group, or run setfacl -m u:" +
           std::to_string(::geteuid()) + ":x DIRECTORY";
  }
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(st.st_mode & 07777));
  return " (owner " + user_name(st.st_uid) + ", mode " + mode.data() + "; " + self +
         "): run the exporter as the owner, make the log readable for one of its groups, or run setfacl -m "
         "u:" +
         std::to_string(::geteuid()) + ":r FILE after each rotation";
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
             ": check the path and that the broker writes this log; the exporter reads it once it exists";
    case EMFILE:
    case ENFILE:
      return why + ": raise the limit of open files";
    default:
      return why;
  }
}

/// A missing file may appear later. Every other failure needs a change by the operator.
tl::unexpected<Error> open_failure(const std::string& path, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  return fail(missing ? Errc::unavailable : Errc::io, explain_open_failure(path, error));
}

/// stat(2) reports files of the kernel as regular files. No broker writes to them, and reading one can have side
/// effects: what is read from /proc/kmsg is gone for all other readers.
bool is_kernel_file(int fd) {
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
    return "it is a FIFO, which is opened at the start only: make it readable and writable for this process "
           "and restart the exporter";
  return "it is not a regular file: give the path of a log file";
}

}  // namespace

Result<OpenLog> open_log(const std::string& path) {
  // Checked before opening, because opening a device or a FIFO can have side effects.
  auto metadata = metadata_of(path);
  if (!metadata) return open_failure(path, errno);
  if (!S_ISREG(metadata->mode)) return fail(Errc::io, std::string(explain_kind(metadata->mode)));
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd || !(metadata = metadata_of(fd.get()))) return open_failure(path, errno);
  if (!S_ISREG(metadata->mode)) return fail(Errc::io, std::string(explain_kind(metadata->mode)));
  if (is_kernel_file(fd.get()))
    return fail(Errc::io, "it is a kernel file, not a log: give the path of a log file");
  return OpenLog{std::move(fd), *metadata};
}

}  // namespace mre
