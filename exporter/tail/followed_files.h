// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/event/source_status.h"
#include "exporter/input/line_reader.h"
#include "exporter/tail/followed_file.h"
#include "exporter/tail/log_options.h"
#include "exporter/tail/processed_files.h"
#include "exporter/tail/read_position.h"

namespace mre {

/// The followed files in the order in which they are read, oldest first; and the one that is being read.
///
/// All files of one name are parts of one log: of these the oldest with unread bytes is read first. When reading
/// changes to another file, the offset goes back to the start of the partial line, so that it can resume there.
/// One thread.
class FollowedFiles {
 public:
  /// All arguments outlive this object. Counts read errors, open failures and lost bytes in `status`.
  FollowedFiles(const LogOptions& options, bool is_glob, LineReader& reader, SourceStatus& status,
                SteadyClock now);

  const FollowedFileList& list() const { return files_; }
  bool contains(const FileIdentity& identity) const;
  /// Null if no file with this identity is followed.
  FollowedFile* find(const FileIdentity& identity) const;

  void append(std::unique_ptr<FollowedFile> file);
  void append(FollowedFileList files);
  void insert_before(const FollowedFile& position, FollowedFileList files);
  void insert_after(const FollowedFile& position, FollowedFileList files);
  /// Makes `file` the newest.
  void move_to_end(const FollowedFile& file);
  void erase(const FollowedFile& file);

  /// Calls `act` with each file, newest first. `act` may insert files, with which it is not called.
  template <class Act>
  void for_each_newest_first(Act act) {
    for (std::size_t i = files_.size(); i-- > 0;) act(*files_[i]);
  }

  /// Forgets the errors of the last scan and which file has a name.
  void start_scan();

  /// Puts bytes into the reader, which holds no whole line. False: nothing is left, as of the last scan.
  bool read();
  /// If `file` is being read: takes its partial line back from the reader.
  void stop_reading(const FollowedFile& file);

  /// Drops deleted files, and files without a name that were silent for long enough. Their unread bytes are
  /// counted as lost.
  void drop_finished(ProcessedFiles& processed);

  /// Closes files beyond the limit, those first that are least likely to be written.
  void limit_open_files();

  void open_failed(Error error);
  void read_failed(FollowedFile& file, int error);
  const std::string& open_error() const { return open_error_; }  ///< Since the last scan started, or empty.
  int read_error() const { return read_error_; }                 ///< errno since then, or 0.

  std::uint64_t hole_bytes() const { return hole_bytes_; }  ///< Skipped in holes.
  std::uint64_t unread() const;
  std::vector<SavedFile> saved() const;

 private:
  FollowedFileList::iterator iterator_to(const FollowedFile& file);
  FollowedFile* next_unread();
  bool reopen(FollowedFile& file);
  void stop_reading();
  bool is_finished(const FollowedFile& file, Deadline now) const;
  const FollowedFile* successor(const FollowedFile& file) const;

  const std::string& log_;
  const bool is_glob_;
  LineReader& reader_;
  SourceStatus& status_;
  const SteadyClock now_;
  const std::size_t max_open_files_;

  FollowedFileList files_;
  FollowedFile* current_ = nullptr;  ///< The file of `files_` whose bytes are in the reader.
  std::uint64_t hole_bytes_ = 0;
  std::string open_error_;
  int read_error_ = 0;
};

}  // namespace mre
