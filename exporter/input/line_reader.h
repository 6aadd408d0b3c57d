// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "exporter/event/record.h"

namespace mre {

/// Cuts a stream of bytes into lines. It opens nothing and waits for nothing: whoever has bytes puts them
/// into `space()`, says how many with `add()`, and takes lines with `next()` until there is none.
///
/// The bytes stay where they were put: a line is a view into the one buffer, and only a half line is moved,
/// to the buffer's start, when room is needed. A line ends with "\n" or "\r\n", which are not part of it.
/// Invalid UTF-8 and NUL are bytes like others, but for NULs at the start of a line: they are what stands in
/// the hole that a writer leaves when its file is truncated and it goes on where it was, or in blocks that a
/// power cut left unwritten. How the stream is cut into `add()`s never changes the lines.
///
/// Lost: lines longer than the limit, counted in `oversized()`, and NULs at the start of a line, counted in
/// `nul_bytes()`. Both are skipped in constant memory.
class LineReader {
 public:
  static constexpr std::size_t kBufferBytes = 256 * 1024;

  explicit LineReader(std::size_t max_line_bytes);

  /// The next whole line; it stays valid until the next call. Nothing: it needs more bytes.
  std::optional<std::string_view> next() {
    while (const void* found = std::memchr(scanned_, '\n', static_cast<std::size_t>(end_ - scanned_))) {
      const char* newline = static_cast<const char*>(found);
      mark_ = begin_;
      begin_ = scanned_ = newline + 1;
      const std::string_view line = without_cr({mark_, newline});
      if (line.size() <= max_line_bytes_ && !skipping_ && *mark_ != '\0') [[likely]]
        return line;
      if (!skipping_ && pass_nuls(newline)) return without_cr({mark_, newline});
      count_oversized();
    }
    pause();
    return std::nullopt;
  }

  /// The whole lines that are there, each with its line end, for whoever reads many at once. None while a line
  /// is skipped that is too long.
  LineBlock lines() {
    if (begin_ >= whole_) find_whole();
    mark_ = begin_;
    return {{begin_, static_cast<std::size_t>(whole_ - begin_)}, max_line_bytes_};
  }
  /// The first `bytes` of what `lines` returned, whole lines, are done with.
  void consume(std::size_t bytes) { mark_ = begin_ = scanned_ = begin_ + bytes; }

  /// Where the next bytes go; never empty. Call it only after `next()` returned nothing.
  std::span<char> space();

  /// The first `bytes` bytes of `space()` were filled.
  void add(std::size_t bytes) { end_ += bytes; }

  /// The stream has ended: the half line as the last line; nothing if there is none. Call it after `next()`
  /// returned nothing.
  std::optional<std::string_view> finish();

  /// Forgets all bytes: a stream starts here whose last bytes before were `before`.
  void start(std::string_view before = {});

  /// How many bytes were added after the last line that is known to be done with: after the line handed out
  /// before the last call of `next()`, if that call returned a line too, else after the last line handed out.
  std::uint64_t unacknowledged() const { return skipped_ + static_cast<std::uint64_t>(end_ - mark_); }

  /// The last line that was handed out is done with.
  void acknowledge() { mark_ = begin_; }

  /// How many bytes were added after the last line that was handed out.
  std::uint64_t pending() const { return skipped_ + static_cast<std::uint64_t>(end_ - begin_); }

  /// The bytes before these, up to kBeforeBytes: what stood in the stream before the place to go on from.
  std::string_view before_pending() const;
  static constexpr std::size_t kBeforeBytes = 64;

  std::uint64_t oversized() const { return oversized_; }
  std::uint64_t nul_bytes() const { return nul_bytes_; }

 private:
  static std::string_view without_cr(std::string_view line) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
  }

  void find_whole();
  bool pass_nuls(const char* newline);
  void count_oversized();
  void pause();

  const std::size_t max_line_bytes_;
  const std::size_t capacity_;
  const std::unique_ptr<char[]> buffer_;

  // begin_ <= scanned_ <= end_: the half line starts at begin_, and has no newline before scanned_.
  const char* begin_;
  const char* scanned_;
  const char* end_;
  const char* whole_;           ///< Behind the last line end, as far as that was looked for.
  const char* mark_;            ///< Start of the line handed out last; begin_ once `next()` returned nothing.
  bool skipping_ = false;       ///< begin_ stands inside a line that is too long.
  std::uint64_t skipped_ = 0;   ///< Bytes of that line that are gone from the buffer.
  std::string before_skipped_;  ///< While skipping_: what stood before that line.
  std::uint64_t oversized_ = 0;
  std::uint64_t nul_bytes_ = 0;
};

}  // namespace mre
