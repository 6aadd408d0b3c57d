// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"
#include "exporter/base/gzip_file.h"
#include "exporter/input/line_reader.h"
#include "exporter/tail/file_identity.h"
#include "exporter/tail/open_log.h"

namespace mre {

/// One log file and the offset up to which it has been read. Reading can stop and resume at any time, also
/// after the file was closed. Of a file that gzip(1) packed, the uncompressed bytes count. One thread.
///
/// Whether the content is still the one that was read is seen from two parts of it: the first bytes (`head`)
/// and the last bytes before the offset (`marker`). The marker is read by the same preadv(2) as what follows
/// it, so that a truncation between two checks cannot append foreign bytes to what was read.
class LogFile {
 public:
  /// Opens a regular file, to be read from its beginning. Errors: as of `open_log`.
  static Result<LogFile> open(const std::string& path, bool gzip = false);

  /// A closed file, read up to a position.
  LogFile(const FileMetadata& metadata, std::uint64_t offset, std::string_view marker)
      : metadata_(metadata), offset_(offset), scanned_(offset), marker_(marker) {}

  const FileIdentity& identity() const { return metadata_.identity; }
  const FileMetadata& metadata() const { return metadata_; }  ///< As of the last check.
  std::uint64_t size() const { return metadata_.size; }       ///< As of the last check or read.
  std::uint64_t offset() const { return offset_; }            ///< All bytes before it have been read.
  const std::string& marker() const { return marker_; }
  const std::string& head() const { return head_; }
  Fingerprint fingerprint() const { return Fingerprint::of(head_); }
  ContentPosition position() const { return {fingerprint(), offset_, marker_}; }
  /// Whether the head was the whole content at the last check.
  bool has_whole_head() const { return head_.size() < Fingerprint::kMaxBytes; }
  bool is_gzip() const { return gzip_.has_value(); }
  bool is_damaged() const { return gzip_ && gzip_->damaged(); }
  bool is_open() const { return fd_ || gzip_; }

  /// As of the last check or read. A partial line that was read already does not count.
  bool has_unread() const { return gzip_ ? !gzip_ended_ : metadata_.size > scanned_; }
  /// Known bytes after the offset.
  std::uint64_t unread() const { return metadata_.size > offset_ ? metadata_.size - offset_ : 0; }

  /// Moves the offset to the start of the line that contains the byte before `end`; `end` is at most the size.
  void seek_line_start(std::uint64_t end, std::size_t max_line_bytes);

  /// How much of the content before a position this file has.
  enum class Match : std::uint8_t {
    none,    ///< Another content.
    prefix,  ///< The same beginning, but it ends before the position.
    full,    ///< All of it, as far as fingerprint and marker show.
  };
  /// Unpacks a .gz up to the position if its beginning matches.
  Match match(const ContentPosition& position);

  /// Whether the whole content is a beginning of the content of `other`, as far as the first and the last
  /// bytes show.
  bool is_beginning_of(LogFile& other);

  /// Moves the offset to `position` if the content before it is the same. With an empty fingerprint the marker
  /// decides.
  bool resume(const ContentPosition& position);

  enum class Read : std::uint8_t {
    bytes,  ///< Possibly 0 bytes, of a .gz.
    end,
    rewritten,  ///< The bytes before the offset have changed: nothing was read.
    failed,     ///< errno has the reason.
  };
  /// Reads from the offset, as much as one preadv(2) returns. `reader` holds no whole line, and no other bytes
  /// than those of this file before the offset. A hole at the start of a line is skipped.
  Read read_into(LineReader& reader);

  /// Moves the offset back to the start of the partial line that `reader` holds of this file.
  void give_back(const LineReader& reader);

  enum class Check : std::uint8_t { unchanged, rewritten, failed };
  /// Updates the metadata and compares head and marker with the file. A closed file or a .gz is `unchanged`.
  /// If it failed, errno has the reason.
  Check check();

  /// Moves the offset to the beginning, whatever the content is now.
  void restart();

  /// Closes the descriptor. `reopen` opens it again; error if `path` does not lead to this file.
  void close();
  Result<void> reopen(const std::string& path);

  /// Bytes of holes that were skipped since the last call.
  std::uint64_t take_hole_bytes() { return std::exchange(hole_bytes_, 0); }

  /// The last bytes before `offset`, up to LineReader::kBeforeBytes.
  std::string marker_at(std::uint64_t offset);

  /// The whole lines in the last `bytes` bytes, as of its size. Empty if they cannot be read. Moves nothing.
  std::string last_lines(std::size_t bytes) const;

 private:
  LogFile(OpenLog log, bool gzip);

  ssize_t read_at(char* out, std::size_t bytes, std::uint64_t offset);
  Read read_gzip_into(LineReader& reader);
  void append_to_marker(std::string_view bytes);
  void skip_hole();
  bool update_head();
  bool marker_is_unchanged();

  Fd fd_;
  std::optional<GzipFile> gzip_;
  bool gzip_ended_ = false;
  FileMetadata metadata_;
  std::uint64_t offset_ = 0;
  std::uint64_t scanned_ = 0;  ///< End of the last read.
  std::string head_;           ///< The first bytes, up to Fingerprint::kMaxBytes.
  std::string marker_;         ///< The last bytes before the offset, as they were read.
  std::uint64_t hole_bytes_ = 0;
};

}  // namespace mre
