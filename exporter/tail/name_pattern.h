// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mre {

/// The names that a log source follows: one path, or a glob(7) pattern: `*`, `?` and `[..]` in any part of
/// it, none of which matches a dot at the front of a name.
class NamePattern {
 public:
  /// A path that exists is itself, whatever characters it has.
  explicit NamePattern(std::string path);

  const std::string& text() const { return path_; }
  bool is_glob() const { return glob_; }

  /// The names that there are now, in the order of the alphabet; of one path, the path, whether it exists or
  /// not. Never one that only belongs to a log: `.gz`, and `.idx` and `.siz` of a wrap log of Erlang's
  /// disk_log.
  std::vector<std::string> names() const;

  /// The folder of the pattern, up to its first wildcard. It exists before any match does.
  std::string folder() const;

 private:
  const std::string path_;
  const bool glob_;
};

/// The folder in which `path` is a name, and that name.
std::string folder_of(const std::string& path);
std::string name_in_folder(const std::string& path);

/// `path` without symbolic links; as it is, if it leads nowhere.
std::string real_path(const std::string& path);

}  // namespace mre
