#pragma once

#include <deque>
#include <optional>
#include <string>

#include "exporter/source/directory_watch.h"
#include "exporter/source/interrupt.h"
#include "exporter/source/line_reader.h"
#include "exporter/source/log_file.h"
#include "exporter/source/log_options.h"
#include "exporter/source/source.h"

namespace mre {

/// Follows one log file by its name: through renames (logrotate `create` and `nocreate`), deletion,
/// replacement, a symbolic link that is turned, truncation (`copytruncate`), and times when it is missing or
/// unreadable.
///
/// The name is looked at whenever all has been read, and every 250 ms at least; inotify only makes that
/// sooner. When the name leads to another file, that one is opened at once but waits in line: logrotate makes
/// the new file before the broker opens it, so the old one is read on until a later one has bytes, and then
/// once more to its end.
///
/// A half line at the end is held until its newline comes. `LogOptions::from` is about the file that is there
/// when the FileTail is made; every later file is read from its beginning.
///
/// What can be lost, and where it is counted:
/// - Bytes that were written after the last read and before a truncation; not counted, nobody knows them.
/// - A file that came and went between two looks, that is, two renames within it; not counted.
/// - A file still without bytes when the 15th one after it came, if it gets bytes then; not counted.
/// - What is written to an old file after the new one had bytes and the old one was read to its end; not
/// counted.
/// - The half line at the end of a file that was left or truncated, and a new file whose name was given back
/// to the
///   old one: `lost_bytes`.
/// - Lines longer than the limit: `records_oversized`.
/// What is read twice: a file that was left and gets its name back; a copy of the file under its name.
///
/// The position that is acknowledged is, in `files_.front()`, its `offset()` less `reader_.unacknowledged()`.
class FileTail final : public Source {
 public:
  explicit FileTail(LogOptions options);

  Result<std::optional<Record>> next(Deadline deadline) override;
  void interrupt() override { interrupt_.raise(); }
  bool save(ByteWriter&) override { return true; }
  const SourceStatus& status() override;

 private:
  /// The file that was there at the start, from whose end on it is to be read.
  struct Existing {
    FileId id;
    std::uint64_t size;
  };

  /// What a look at the name found.
  struct Name {
    bool gone = false;    ///< There is no such file.
    std::string problem;  ///< Why the file of that name cannot be followed; empty if it is.
  };

  Result<std::optional<Record>> next_read(Deadline deadline);
  bool fill();
  bool read_front();
  bool later_file_has_bytes() const;
  void leave_front();

  void look();
  void check_rewritten();
  Name look_at_name();
  void note_existing();
  Name open_named();
  void forget_from(std::size_t index);
  void describe(const Name& name);

  Record hand_out(std::string_view line);

  const LogOptions options_;
  LineReader reader_;
  Interrupt interrupt_;
  DirectoryWatch watch_;
  SourceStatus status_;

  /// The file being read, then those that have had the name since. The last one has it, or had it last.
  std::deque<LogFile> files_;
  bool start_decided_;
  std::optional<Existing> existing_;
  bool at_end_ = false;  ///< The last read found nothing new.
  int read_error_ = 0;   ///< errno of the last read of the front file; 0 if it was good.
  Deadline next_look_{};
};

}  // namespace mre
