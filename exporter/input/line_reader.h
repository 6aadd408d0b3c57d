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

/// Splits a stream of bytes into lines. It does no I/O: the caller writes bytes into `space()`, reports how many
/// with `add()`, and calls `next()` until it returns nothing. One thread.
///
/// Bytes are not copied: a line is a view into the only buffer, and only a partial line is moved to the start of
/// the buffer when space is needed. A line ends with "\n" or "\r\n", which are not part of it. Invalid UTF-8 and
/// NUL bytes are data, except NULs at the start of a line. Those come from a hole, which a writer that does not
/// append leaves after its file was truncated, or from blocks that a power failure left unwritten. The lines do
/// not depend on how the stream is divided into `add()` calls.
///
/// Lost: lines longer than the limit, counted in `oversized()`, and NULs at the start of a line, counted in
/// `nul_bytes()`. Both are skipped in constant memory.
class LineReader {
 public:
  static constexpr std::size_t kBufferBytes = 256 * 1024;

  explicit LineReader(std::size_t max_line_bytes);

  /// The next whole line, valid until the next call. Nothing if more bytes are needed.
  std::optional<std::string_view> next() {
    while (const void* found = std::memchr(scanned_, '\n', static_cast<std::size_t>(end_ - scanned_))) {
      const char* newline = static_cast<const char*>(found);
      mark_ = begin_;
      begin_ = scanned_ = newline + 1;
      const std::string_view line = without_cr({mark_, newline});
      if (line.size() <= max_line_bytes_ && !skipping_ && *mark_ != '\0') [[likely]]
        return line;
      if (!skipping_ && skip_nuls(newline)) return without_cr({mark_, newline});
      count_oversized();
    }
    hold_partial_line();
    return std::nullopt;
  }

  /// The available whole lines, each with its line end, for a caller that reads many at once. Acknowledges the
  /// last returned line. Empty while a line that is too long is skipped.
  LineBlock lines() {
    if (begin_ >= whole_) find_whole();
    mark_ = begin_;
    return {{begin_, static_cast<std::size_t>(whole_ - begin_)}, max_line_bytes_};
  }
  /// Acknowledges the first `bytes` bytes of what `lines` returned; they end with a line end.
  void consume(std::size_t bytes) { mark_ = begin_ = scanned_ = begin_ + bytes; }

  /// Where to write the next bytes; never empty. Call it only after `next()` returned nothing.
  std::span<char> space();

  /// Adds the first `bytes` bytes of `space()` to the stream.
  void add(std::size_t bytes) { end_ += bytes; }

  /// Ends the stream: returns the partial line as the last line; nothing if there is none. Call it after
  /// `next()` returned nothing.
  std::optional<std::string_view> finish();

  /// Discards all bytes and starts another stream. `before` are the last bytes before its start.
  void start(std::string_view before = {});

  /// Number of bytes added after the last acknowledged line. A call of `next()` acknowledges the line that the
  /// call before returned.
  std::uint64_t unacknowledged() const { return skipped_ + static_cast<std::uint64_t>(end_ - mark_); }

  /// Acknowledges the last returned line.
  void acknowledge() { mark_ = begin_; }

  /// Number of bytes added after the last returned line.
  std::uint64_t pending() const { return skipped_ + static_cast<std::uint64_t>(end_ - begin_); }

  /// The last bytes of the stream before `pending()`, up to kBeforeBytes.
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
  bool skip_nuls(const char* newline);
  void count_oversized();
  void hold_partial_line();

  const std::size_t max_line_bytes_;
  const std::size_t capacity_;
  const std::unique_ptr<char[]> buffer_;

  // begin_ <= scanned_ <= end_: the partial line starts at begin_ and has no newline before scanned_.
  const char* begin_;
  const char* scanned_;
  const char* end_;
  const char* whole_;           ///< After the last known line end.
  const char* mark_;            ///< Start of the last returned line; begin_ after `next()` returned nothing.
  bool skipping_ = false;       ///< begin_ is inside a line that is too long.
  std::uint64_t skipped_ = 0;   ///< Bytes of that line that are no longer in the buffer.
  std::string before_skipped_;  ///< While skipping_: the bytes before that line.
  std::uint64_t oversized_ = 0;
  std::uint64_t nul_bytes_ = 0;
};

}  // namespace mre
