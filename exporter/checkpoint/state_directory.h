#pragma once

#include <memory>
#include <string>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"

namespace mre {

/// The folder in which one exporter keeps its checkpoints. Locked as long as it is open: the lock is the
/// system's (flock(2)) and ends with the process, however that ends.
class StateDirectory {
 public:
  /// Opens it, and makes it (mode 0700, parents too) where it is missing. A symbolic link is followed:
  /// systemd's StateDirectory= is one.
  ///
  /// Errors: invalid_config, if another exporter has locked it; unavailable, if it cannot be opened.
  static Result<std::shared_ptr<const StateDirectory>> open(const std::string& path);

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }

 private:
  StateDirectory(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  const std::string path_;
  const Fd fd_;
};

}  // namespace mre
