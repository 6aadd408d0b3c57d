#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"
#include "exporter/source/line_reader.h"

namespace mre {

/// Which file, whatever its name is. Only an open file keeps its number for itself: the next new file may get
/// that of a deleted one.
struct FileId {
  dev_t device;
  ino_t inode;

  explicit FileId(const struct stat& st) : device(st.st_dev), inode(st.st_ino) {}
  bool operator==(const FileId&) const = default;
};

/// One open log file and how far it has been read.
class LogFile {
 public:
  /// Opens a regular file, to be read from its beginning. Errors: unavailable if there is none, io if it
  /// cannot be opened or is no regular file; with what the operator can do.
  static Result<LogFile> open(const std::string& path);

  FileId id() const { return id_; }
  std::uint64_t size() const { return size_; }      ///< At the last `refresh`, or more.
  std::uint64_t offset() const { return offset_; }  ///< All before it has been read.

  /// Moves the offset to the start of the line that stands at `end`, a place up to the end of the file.
  void seek_line_start(std::uint64_t end, std::size_t max_line_bytes);

  /// Reads from the offset on, as much as one read(2) gives. Bytes read; 0 at the end; -1 and errno.
  ssize_t read_into(LineReader& reader);

  /// Takes the file's size again. Whether the file has been written anew since it was read: it is shorter
  /// than the offset, or other bytes stand before the offset.
  bool refresh_rewritten();

  /// The whole lines among the last `bytes` bytes, as of its size. Empty if they cannot be read. Moves
  /// nothing.
  std::string last_lines(std::size_t bytes) const;

  void restart();

 private:
  LogFile(Fd fd, const struct stat& st);

  void remember(std::string_view bytes);
  bool marker_stands() const;

  Fd fd_;
  FileId id_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
  std::string marker_;  ///< The last bytes before the offset, as they were read.
};

/// Why `path` cannot be opened, from errno's `error`, and what the operator can do.
std::string explain_open_failure(const std::string& path, int error);

}  // namespace mre
