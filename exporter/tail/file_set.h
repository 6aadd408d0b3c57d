// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/event/source_status.h"
#include "exporter/input/line_reader.h"
#include "exporter/tail/followed_files.h"
#include "exporter/tail/log_options.h"
#include "exporter/tail/path_pattern.h"
#include "exporter/tail/read_position.h"
#include "exporter/tail/rotation_search.h"

namespace mre {

/// The files of one log source: finds the files that its path or pattern leads to, and reads them in order. What
/// it follows and what can be lost: FileTail. One thread.
class FileSet {
 public:
  /// `options`, `reader` and `status` outlive this object. Resumes at `position` if it is valid.
  FileSet(const LogOptions& options, std::string_view position, LineReader& reader, SourceStatus& status,
          SteadyClock now);

  /// Scans the file system: which files exist, which have grown, and which were rewritten. `reader` holds no
  /// whole line.
  void scan();

  /// Puts bytes into the reader, which holds no whole line. False: nothing is left, as of the last scan.
  bool read() { return followed_.read(); }

  void save(ByteWriter& out) const;
  void update_status();
  /// The directories in which a change concerns these files, and whether these are all: not those of a pattern whose
  /// wildcards are in the directory, nor while no file is followed, nor above a limit.
  std::set<std::string> directories() const;
  bool directories_are_complete() const;

 private:
  void start(const std::vector<std::string>& paths);
  void restore(ReadPosition position);
  void restore_file(const SavedFile& saved);

  bool mark_followed(const std::string& path);
  void open_if_new(const std::string& path);
  void open_new(const std::string& path);
  void insert_skipped_before(FollowedFile& newest);
  void insert_siblings_of(const FollowedFile& followed);
  void search_lost_names(const std::vector<std::string>& paths);
  bool directory_has_changed(const std::string& directory);

  void check(FollowedFile& followed);
  void check_closed(FollowedFile& followed);
  void restart(FollowedFile& followed, std::uint64_t size_before);
  std::string state() const;

  const LogOptions& options_;
  const PathPattern pattern_;
  LineReader& reader_;
  SourceStatus& status_;
  const SteadyClock now_;

  FollowedFiles followed_;
  RotationSearch rotation_;

  bool started_ = false;              ///< It is decided what is read of the files that existed at the start.
  bool missing_ = false;              ///< No file has the path, as of this scan.
  std::set<std::string> lost_names_;  ///< Names that lost their file: their siblings are to be searched.
  std::set<std::string> ignored_;     ///< Paths beyond the limit, as of this scan,
  std::set<std::string> ignored_before_;  ///< and of the one before.
  std::set<std::string> empty_;           ///< Paths of a pattern without a file or bytes, as of this scan,
  std::set<std::string> empty_before_;    ///< and of the one before.
  std::map<std::string, std::int64_t> directory_times_;  ///< Modification times of those that were searched.
  std::string not_found_;                                ///< Which saved file was not found again,
  Deadline report_not_found_until_{};                    ///< and until when the status says so.
};

}  // namespace mre
