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

/// One log file and how far it has been read: a place that can be left and returned to, also after the file
/// was closed. Of a file that gzip(1) packed, the uncompressed bytes.
///
/// Whether the bytes are still those that were read is seen from two of their pieces: the first ones
/// (`print`) and the last ones before the offset (`marker`). The marker is read by the same preadv(2) as what
/// follows it, so that a truncation between two looks does not put foreign bytes behind it.
class LogFile {
 public:
  /// Opens a regular file, to be read from its beginning. Errors: as of `open_log`.
  static Result<LogFile> open(const std::string& path, bool gzip = false);

  /// One that is closed, with a place in it.
  LogFile(const FileFacts& facts, std::uint64_t offset, std::string_view marker)
      : facts_(facts), offset_(offset), scanned_(offset), marker_(marker) {}

  const FileIdentity& identity() const { return facts_.identity; }
  const FileFacts& facts() const { return facts_; }   ///< At the last look.
  std::uint64_t size() const { return facts_.size; }  ///< At the last look, or more.
  std::uint64_t offset() const { return offset_; }    ///< All before it has been read.
  const std::string& marker() const { return marker_; }
  Fingerprint print() const { return Fingerprint::of(head_); }
  const std::string& head() const { return head_; }
  /// Whether the head is all that was there at the last look.
  bool has_whole_head() const { return head_.size() < Fingerprint::kMostBytes; }
  bool is_gzip() const { return gzip_.has_value(); }
  bool is_damaged() const { return gzip_ && gzip_->damaged(); }
  bool is_open() const { return fd_ || gzip_; }

  /// As of the last look or read. Bytes that hold no line end and were seen before do not count.
  bool has_unread() const { return gzip_ ? !gzip_ended_ : facts_.size > scanned_; }
  /// Bytes behind the offset that are known to be there.
  std::uint64_t unread() const { return facts_.size > offset_ ? facts_.size - offset_ : 0; }

  /// Moves the offset to the start of the line that stands at `end`, a place up to the end of the file.
  void seek_line_start(std::uint64_t end, std::size_t max_line_bytes);

  /// How this file's content stands to one that begins as `print` says and has `marker` before `offset`.
  enum class Kinship : std::uint8_t {
    none,
    shorter,  ///< The same beginning, and it ends before the offset.
    same,     ///< Up to the offset at least.
  };
  /// Of a .gz, this unpacks up to the offset, if the beginning fits.
  Kinship kinship(const Fingerprint& print, std::uint64_t offset, std::string_view marker);

  /// Whether all that is here stands in `other` too, as far as the first and the last bytes tell.
  bool is_beginning_of(LogFile& other);

  /// Goes on at `offset`, if the content up to there is the same. With an empty `print` the marker decides.
  bool resume(const Fingerprint& print, std::uint64_t offset, std::string_view marker);

  enum class Read : std::uint8_t {
    bytes,  ///< Perhaps none yet, of a .gz.
    end,
    rewritten,  ///< Other bytes stand before the offset: nothing was read.
    failed,     ///< errno says why.
  };
  /// Reads from the offset on, as much as one preadv(2) gives. `reader` holds no whole line, and of its other
  /// bytes only such as stand in this file before the offset. A hole is passed over if the line starts with
  /// it.
  Read read_into(LineReader& reader);

  /// Moves the offset back to before the half line that `reader` holds of this file.
  void leave(const LineReader& reader);

  /// Takes the file's size again, and checks its pieces. A file that is closed is `same`.
  enum class Look : std::uint8_t { same, rewritten, failed };
  Look look();

  /// To be read from its beginning, whatever it is that stands there.
  void restart();

  /// Gives back the descriptor. `reopen` takes one again if `path` leads to this file.
  void close();
  Result<void> reopen(const std::string& path);
  /// Bytes of holes that were passed over since the last call.
  std::uint64_t take_hole_bytes() { return std::exchange(hole_bytes_, 0); }

  /// Up to 64 of the bytes that stand before `offset`.
  std::string before(std::uint64_t offset);

  /// The whole lines among the last `bytes` bytes, as of its size. Empty if they cannot be read. Moves
  /// nothing.
  std::string last_lines(std::size_t bytes) const;

 private:
  LogFile(OpenLog log, bool gzip);

  ssize_t read_at(char* out, std::size_t bytes, std::uint64_t offset);
  void remember(std::string_view bytes);
  void pass_hole();
  bool check_head();
  bool check_marker();

  Fd fd_;
  std::optional<GzipFile> gzip_;
  bool gzip_ended_ = false;
  FileFacts facts_;
  std::uint64_t offset_ = 0;
  std::uint64_t scanned_ = 0;  ///< Where the last read ended.
  std::string head_;           ///< The first bytes, up to Fingerprint::kMostBytes.
  std::string marker_;         ///< The last bytes before the offset, as they were read.
  std::uint64_t hole_bytes_ = 0;
};

}  // namespace mre
