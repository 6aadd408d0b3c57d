#include "exporter/checkpoint/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

/// Parents are made as every program makes them, the folder itself for its owner alone.
int make(const std::filesystem::path& path) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return error.value();
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
}

tl::unexpected<Error> refuse(Errc code, const std::string& path, const std::string& why) {
  return fail(code, "the state folder " + printable(path, 1024) + ": " + why);
}

}  // namespace

Result<std::shared_ptr<const StateDirectory>> StateDirectory::open(const std::string& path) {
  if (const int error = make(path); error != 0)
    return refuse(Errc::unavailable, path, std::generic_category().message(error));
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0)
    return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    return refuse(
        Errc::invalid_config, path,
        "it belongs to another user (" + std::to_string(info.st_uid) +
            "), who could replace what is stored in it: give a directory of the exporter's own with "
            "--state.dir, or chown it");
  }
  const bool shared = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  // Not the directory itself, if that can be helped: whoever may list it could hold a lock on it.
  Fd lock(::openat(fd.get(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock) lock = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
    return std::shared_ptr<const StateDirectory>(
        new StateDirectory(path, std::move(fd), std::move(lock), shared));
  }
  if (errno != EWOULDBLOCK) return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  return refuse(Errc::invalid_config, path,
                "another exporter keeps its state there: give each its own with --state.dir, or none");
}

}  // namespace mre
