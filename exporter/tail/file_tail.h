// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "exporter/base/interrupt.h"
#include "exporter/input/line_reader.h"
#include "exporter/input/source.h"
#include "exporter/tail/directory_watch.h"
#include "exporter/tail/file_set.h"
#include "exporter/tail/log_options.h"

namespace mre {

/// Follows a log by its path, or the logs of a pattern: through renames (logrotate `create` and `nocreate`),
/// copies with truncation (`copytruncate`), compression, deletion, symbolic links that change their target, wrap
/// sets whose files are reused, and while a file is missing or unreadable.
///
/// The file system is scanned whenever all bytes are read, and at least every 250 ms; inotify only makes it sooner.
/// While inotify has reported the last bytes that were read, a scan a second is enough. Where bytes were found that
/// it has not reported (network file systems), it is every 250 ms again.
/// - A file that lost its name is read until it was silent for 5 s and a newer file has bytes, because a broker
///   writes to it until it opens the new one. While it has unread bytes, they come before those of newer files.
/// - A file that appeared and was renamed between two scans is found among the rotation siblings: it has a name
///   that rotation gives, is unknown, and is not a copy. It is read before the file that has the path now.
/// - A truncated file is finished from its copy, plain or packed, if a copy has the same bytes at the beginning
///   and before the offset; then it is read from its beginning. Truncation is detected by these bytes, whatever
///   the size is.
/// - A partial line at the end is held until its newline comes.
///
/// `LogOptions::from` applies to what exists when the FileTail is created; later files are read from their
/// beginning. With a position, reading resumes where `save` was called, also if the file was rotated or packed
/// since; everything that was rotated since is read in order.
///
/// The files of a pattern are read as parts of one log: each file is read to its end before the next, and their
/// lines follow each other. A file that was renamed within the pattern, a copy and a .gz are not new files. At
/// most 64 files are open at a time (fewer where descriptors are few), and `max_files` paths are followed.
///
/// What can be lost, and where it is counted:
/// - Bytes written after the last read and before a truncation, if no copy has them: those that a scan saw, in
///   `lost_bytes`; others are not counted.
/// - Unread bytes of a file that was deleted while the exporter was stopped: `lost_bytes`.
/// - The partial line at the end of a file that is no longer followed: `lost_bytes`. What is written to a file
///   more than 5 s after its last byte, when a newer one is in use: not counted.
/// - A file that appeared between two scans and was deleted, or renamed to a name that rotation does not give:
///   not counted. The same applies to a symbolic link that changed twice.
/// - A rotated file that begins with the same 1,024 bytes as a file that was read, and has the same 64 bytes
///   where reading of that one ended, or ends before: it is taken for a copy, not counted. Logs with time stamps
///   are not concerned.
/// - Lines longer than the limit: `records_oversized`. NULs at the start of a line: `nul_bytes_skipped`.
/// - Files beyond the limit: `files_ignored`.
///
/// What is read twice: a copy under its own name that was made while the file is followed.
class FileTail final : public Source {
 public:
  /// `position`: what `save` of an earlier one wrote. An empty or invalid one is ignored.
  explicit FileTail(LogOptions options, std::string_view position = {},
                    SteadyClock now = &std::chrono::steady_clock::now);

  Result<std::optional<Record>> next(Deadline deadline) override;
  LineBlock lines() override { return reader_.lines(); }
  void consume(std::size_t bytes) override { reader_.consume(bytes); }
  void interrupt() override { interrupt_.raise(); }
  bool save(ByteWriter& out) override;
  const SourceStatus& status() override;

 private:
  bool fill();
  void scan();

  const LogOptions options_;
  const SteadyClock now_;
  SourceStatus status_;
  LineReader reader_;
  Interrupt interrupt_;
  DirectoryWatch watch_;
  FileSet files_;
  Deadline next_scan_{};
  bool reported_ = true;   // inotify has reported the last bytes that were read after a wait
  bool all_read_ = false;  // the last call found nothing and did not wait
};

}  // namespace mre
