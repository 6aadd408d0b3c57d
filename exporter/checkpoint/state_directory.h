#pragma once

#include <memory>
#include <string>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"

namespace mre {

/// The directory in which one exporter stores its checkpoints. Locked as long as it is open: the lock is the
/// system's (flock(2), of the file `lock` in it where that can be made) and ends with the process, however
/// that ends.
class StateDirectory {
 public:
  /// Opens it, and makes it (mode 0700, parents too) where it is missing. A symbolic link is followed:
  /// systemd's StateDirectory= is one.
  ///
  /// Errors: invalid_config, if another exporter has locked it or it belongs to another user than root and
  /// the exporter's; unavailable, if it cannot be opened.
  static Result<std::shared_ptr<const StateDirectory>> open(const std::string& path);

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
