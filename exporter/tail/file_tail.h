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

/// Follows a log by its name, or the logs of a pattern: through renames (logrotate `create` and `nocreate`),
/// copies with truncation (`copytruncate`), compression, deletion, symbolic links that are turned, wrap sets
/// of which each file is used again, and times when a file is missing or unreadable.
///
/// The names are looked at whenever all has been read, and every 250 ms at least; inotify only makes that
/// sooner.
/// - A file that lost its name is read on until it was silent for 5 s and a newer one has bytes: a broker
/// writes to
///   it until it opens the new one. As long as it has bytes, they come before those of newer files.
/// - A file that came and went between two looks is found beside the others: a name that rotation gives, not
/// seen
///   before, no copy. It is read before the one that has the name now.
/// - A file that was truncated is finished from its copy, plain or packed, if there is one with the same
/// bytes at the
///   beginning and before the place where reading was; then it is read from its beginning. That it was
///   truncated is seen from those bytes, whatever its size is now.
/// - A half line at the end is held until its newline comes.
/// `LogOptions::from` is about what is there when the FileTail is made; every later file is read from its
/// beginning. With a place, reading goes on where `save` was asked, also if the file was rotated or packed
/// since, and all that was rotated since is read in order.
///
/// The files of a pattern are read as parts of one log: lines of different files follow each other, each file
/// is read to its end before the next. A file that is renamed within the pattern, a copy and a .gz are no new
/// files. At most 64 are open at a time (fewer where descriptors are few), and `max_files` names followed.
///
/// What can be lost, and where it is counted:
/// - Bytes that were written after the last read and before a truncation, if no copy has them: `lost_bytes`,
/// as far
///   as a look saw them; nobody knows of others.
/// - Unread bytes of a file that was deleted while the exporter was away: `lost_bytes`.
/// - The half line at the end of a file that was left: `lost_bytes`. What is written to a file more than 5 s
/// after its
///   last byte, when the next one is in use; not counted.
/// - A file that came and went between two looks under a name that no rotation gives, or that was deleted:
/// not
///   counted. So with a symbolic link that is turned twice between two looks.
/// - A rotated file that begins with the same 1,024 bytes as one that was read before, and has the same 64
/// bytes
///   where reading that one ended or ends before: it is taken for its copy, not counted. Logs have time
///   stamps.
/// - Lines longer than the limit: `records_oversized`. NULs at the start of a line: `nul_bytes_skipped`.
/// - Files beyond the limit: `files_ignored`.
/// What is read twice: a copy of the file under its own name, made while it is followed.
class FileTail final : public Source {
 public:
  /// `place`: what `save` of an earlier one wrote; empty or not readable: none.
  explicit FileTail(LogOptions options, std::string_view place = {},
                    SteadyClock now = &std::chrono::steady_clock::now);

  Result<std::optional<Record>> next(Deadline deadline) override;
  LineBlock lines() override;
  void consume(std::size_t bytes, std::uint64_t count) override;
  void interrupt() override { interrupt_.raise(); }
  bool save(ByteWriter& out) override;
  const SourceStatus& status() override;

 private:
  Result<std::optional<Record>> next_read(Deadline deadline);
  bool fill();
  void look();

  Record hand_out(std::string_view line);

  const LogOptions options_;
  const SteadyClock now_;
  SourceStatus status_;
  LineReader reader_;
  Interrupt interrupt_;
  DirectoryWatch watch_;
  FileSet files_;
  Deadline next_look_{};
};

}  // namespace mre
