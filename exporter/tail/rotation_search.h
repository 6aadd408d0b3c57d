// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/tail/directory_cache.h"
#include "exporter/tail/followed_files.h"
#include "exporter/tail/log_file.h"
#include "exporter/tail/log_options.h"
#include "exporter/tail/processed_files.h"
#include "exporter/tail/read_position.h"
#include "exporter/tail/rotation_siblings.h"

namespace mre {

/// Searches the rotation siblings of a log: for files that appeared and were renamed between two scans, for
/// copies of a truncated file, and for packed files. It recognises files by their content, because a copy has
/// another identity. It remembers which files are processed already. One thread.
class RotationSearch {
 public:
  /// All arguments outlive this object.
  RotationSearch(const LogOptions& options, FollowedFiles& followed, SteadyClock now);

  /// The rotation siblings of the log `name`, oldest first.
  std::vector<RotationSibling> siblings(const std::string& name, const std::string& real_path);

  /// Opens the siblings of the log `name` that are neither followed nor processed, oldest first. Marks those as
  /// processed whose content was read already.
  FollowedFileList open_unprocessed(const std::string& name, const std::string& real_path);

  /// The sibling of the log `name` that has the content before `position`, ready to be read from there. Null if
  /// there is none. Marks those as processed that end before the position.
  std::unique_ptr<FollowedFile> find_content(const ContentPosition& position, const std::string& name,
                                             const std::string& real_path);

  /// The file that a checkpoint describes, or a copy that took its name, wherever it is now. Null if there is
  /// none, or if it was rewritten.
  std::unique_ptr<FollowedFile> find_saved(const SavedFile& saved);

  /// Whether `file`, which a pattern matches at `path`, is or may become a copy of a followed file.
  bool may_be_copy(LogFile& file, const std::string& path);

  /// Stops following files that turned out to be copies. A copy that was empty when it was found is followed
  /// like a new file. It is recognised by its first bytes, possibly in the same scan that finds the original
  /// truncated.
  void drop_copies();

  /// Of a .gz no position is stored. Unless the match is full, only the identity is stored: the file may be a
  /// copy that is still being written, and other files begin with its first bytes too.
  void mark_processed(LogFile& file, const std::string& path, LogFile::Match match);

  /// If the file existed at the start and only what comes later is to be read: seeks to its end at that time.
  void seek_initial_end(const std::string& path, LogFile& file);

  ProcessedFiles& processed() { return processed_; }
  const ProcessedFiles& processed() const { return processed_; }
  InitialEnds& initial_ends() { return initial_ends_; }
  const InitialEnds& initial_ends() const { return initial_ends_; }

 private:
  LogFile::Match match(LogFile& file) const;

  const LogOptions& options_;
  FollowedFiles& followed_;
  const SteadyClock now_;
  DirectoryCache directories_;
  ProcessedFiles processed_;
  InitialEnds initial_ends_;
};

}  // namespace mre
