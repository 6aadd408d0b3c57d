// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mre {

/// The path or glob(7) pattern of a log source. `*`, `?` and `[..]` may be in any part of it; none matches a
/// dot at the start of a name.
class PathPattern {
 public:
  /// A path that exists is not a pattern, whatever characters it has.
  explicit PathPattern(std::string path);

  const std::string& text() const { return path_; }
  bool is_glob() const { return glob_; }

  /// The paths that match now, sorted. For a plain path: the path, whether it exists or not. Never a companion
  /// file of a log: `.gz`, and `.idx` and `.siz` of a wrap log of Erlang's disk_log.
  std::vector<std::string> paths() const;

  /// The directory before the first wildcard. It exists before the first file matches.
  std::string directory() const;

 private:
  const std::string path_;
  const bool glob_;
};

/// The directory part of `path` ("." if there is none), and the last part.
std::string directory_of(const std::string& path);
std::string file_name_of(const std::string& path);

/// `path` without symbolic links; unchanged if it does not exist.
std::string real_path(const std::string& path);

}  // namespace mre
