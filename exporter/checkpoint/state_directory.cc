// SPDX-License-Identifier: Apache-2.0
#include "exporter/checkpoint/state_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr const char* kLock = "lock";

/// Creates the directory for its owner only, and its parents with the default mode. Returns errno, or 0.
int create(const std::filesystem::path& path) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return error.value();
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
}

tl::unexpected<Error> refuse(Errc code, const std::string& path, const std::string& why) {
  return fail(code, "state directory " + printable(path, 1024) + ": " + why);
}

/// Names of checkpoint files, of the lock and of the key.
bool is_our_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> kSuffixes = {".0", ".1", ".new", ".old"};
  if (name == kLock || name == kIdentityKeyFile) return true;
  return name.find('@') != std::string_view::npos &&
         std::ranges::any_of(kSuffixes, [&](std::string_view suffix) { return name.ends_with(suffix); });
}

struct CloseDirectory {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

/// The names in the directory; nothing if it cannot be read.
std::optional<std::vector<std::string>> names_in(int directory) {
  const std::unique_ptr<DIR, CloseDirectory> stream(
      ::fdopendir(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  if (!stream) return std::nullopt;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

/// Changes the owner of a file that root wrote. A file with a second hard link may be the file of another user,
/// so it is not changed.
bool hand_over_file(int directory, const std::string& name, Owner owner) {
  const Fd fd(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0) return true;
  if (!S_ISREG(info.st_mode) || info.st_uid != 0 || info.st_nlink != 1) return true;
  return ::fchown(fd.get(), owner.uid, owner.gid) == 0;
}

/// Changes the owner of a directory of root that contains only our own files.
Result<void> hand_over(int directory, const std::string& path, const struct stat& info, Owner owner) {
  const auto names = names_in(directory);
  if (!names) return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  for (const std::string& name : *names) {
    if (is_our_name(name) && !hand_over_file(directory, name, owner))
      return refuse(Errc::unavailable, path, name + ": " + std::generic_category().message(errno));
  }
  const bool writable = (info.st_mode & S_IWOTH) != 0;
  if (info.st_uid != 0 || writable) return {};
  if (!std::ranges::all_of(*names, is_our_name)) {
    return refuse(
        Errc::invalid_config, path,
        "it belongs to root and contains other files, so its owner is not changed to uid " +
            std::to_string(owner.uid) +
            ", which must write in it: set --state.dir to a directory for this exporter only, chown "
            "it, or choose another --user");
  }
  if (::fchown(directory, owner.uid, owner.gid) == 0) return {};
  return refuse(Errc::unavailable, path, "chown: " + std::generic_category().message(errno));
}

}  // namespace

Result<std::shared_ptr<const StateDirectory>> StateDirectory::open(const std::string& path) {
  return open(path, {.uid = ::geteuid(), .gid = ::getegid()});
}

Result<std::shared_ptr<const StateDirectory>> StateDirectory::open(const std::string& path, Owner owner) {
  if (const int error = create(path); error != 0)
    return refuse(Errc::unavailable, path, std::generic_category().message(error));
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0)
    return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  if (info.st_uid != 0 && info.st_uid != owner.uid) {
    return refuse(
        Errc::invalid_config, path,
        "it belongs to another user (" + std::to_string(info.st_uid) +
            "), who could replace the state: set --state.dir to a directory for this exporter only, or chown "
            "it");
  }
  const bool shared = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  // A lock on the directory itself is the second choice: every user who may list it could hold it.
  Fd lock(::openat(fd.get(), kLock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock) lock = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
    if (owner.uid != ::geteuid()) {
      if (auto handed = hand_over(fd.get(), path, info, owner); !handed)
        return tl::make_unexpected(handed.error());
    }
    return std::shared_ptr<const StateDirectory>(
        new StateDirectory(path, std::move(fd), std::move(lock), shared));
  }
  if (errno != EWOULDBLOCK) return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  return refuse(Errc::invalid_config, path,
                "another exporter uses it: set a different --state.dir for each exporter, or none");
}

}  // namespace mre
