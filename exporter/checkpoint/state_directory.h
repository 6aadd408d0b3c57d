// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"

namespace mre {

/// Whom the files belong to.
struct Owner {
  uid_t uid;
  gid_t gid;
};

/// The directory in which one exporter stores its checkpoints. Locked as long as it is open: the lock is the
/// system's (flock(2), of the file `lock` in it where that can be made) and ends with the process, however
/// that ends.
class StateDirectory {
 public:
  /// Opens it, and makes it (mode 0700, parents too) where it is missing. A symbolic link is followed:
  /// systemd's StateDirectory= is one.
  ///
  /// `owner` is the user that will write in it. Where that is not the one of this process, who is root then,
  /// the directory and the checkpoints in it that belong to root are handed to it.
  ///
  /// Errors: invalid_config, if another exporter has locked it, if it belongs to another user than root and
  /// `owner`, or if it is root's and has files of others in it, so that it cannot be handed over;
  /// unavailable, if it cannot be opened.
  static Result<std::shared_ptr<const StateDirectory>> open(const std::string& path, Owner owner);
  static Result<std::shared_ptr<const StateDirectory>> open(const std::string& path);  ///< For this process.

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  /// Others than its owner may write in it, as in a Kubernetes emptyDir: they could replace its files.
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
