// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"

namespace mre {

/// The user and group that own the files.
struct Owner {
  uid_t uid;
  gid_t gid;
};

/// The file with the secret for hashed client ids (StateStore::identity_key).
inline constexpr const char* kIdentityKeyFile = "identity.key";

/// The directory in which one exporter stores its checkpoints. It is locked while it is open, with flock(2) on the
/// file `lock` in it, or on the directory itself if that file cannot be created. The lock ends with the process.
class StateDirectory {
 public:
  /// Opens it; creates it with mode 0700, and its parents, if it does not exist. A symbolic link is followed,
  /// because systemd's StateDirectory= is one.
  ///
  /// `owner` is the user that will write in it. If this process runs as another user, which is root then, it
  /// changes the owner of the directory and of root's checkpoints in it to `owner`.
  ///
  /// Errors: invalid_config if another exporter has locked it, if it belongs to a user other than root and
  /// `owner`, or if it belongs to root and contains other files, so that its owner is not changed; unavailable
  /// if it cannot be opened.
  static Result<std::shared_ptr<const StateDirectory>> open(const std::string& path, Owner owner);
  static Result<std::shared_ptr<const StateDirectory>> open(const std::string& path);  ///< For this process.

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  /// Whether other users than its owner may write in it, as in a Kubernetes emptyDir: they could replace files.
  bool is_shared() const { return is_shared_; }

 private:
  StateDirectory(std::string path, Fd fd, Fd lock, bool is_shared)
      : path_(std::move(path)), fd_(std::move(fd)), lock_(std::move(lock)), is_shared_(is_shared) {}

  const std::string path_;
  const Fd fd_;
  const Fd lock_;
  const bool is_shared_;
};

}  // namespace mre
