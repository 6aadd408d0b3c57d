// SPDX-License-Identifier: Apache-2.0
#include "exporter/input/line_reader.h"

#include <algorithm>

namespace mre {

// Holds a partial line of up to the limit and its '\r', and as much space again to read into.
LineReader::LineReader(std::size_t max_line_bytes)
    : max_line_bytes_(max_line_bytes),
      capacity_(kBeforeBytes + std::max(kBufferBytes, 2 * (max_line_bytes + 2))),
      buffer_(std::make_unique_for_overwrite<char[]>(capacity_)),
      begin_(buffer_.get()),
      scanned_(begin_),
      end_(begin_),
      whole_(begin_),
      mark_(begin_) {}

void LineReader::find_whole() {
  whole_ = begin_;
  if (skipping_) return;
  const void* const last = memrchr(scanned_, '\n', static_cast<std::size_t>(end_ - scanned_));
  if (last != nullptr) whole_ = static_cast<const char*>(last) + 1;
}

std::span<char> LineReader::space() {
  char* const front = buffer_.get();
  if (begin_ == end_ || static_cast<std::size_t>(end_ - front) > capacity_ / 2) {
    const auto before = std::min<std::ptrdiff_t>(begin_ - front, kBeforeBytes);
    const auto held = end_ - begin_;
    const auto scanned = scanned_ - begin_;
    std::memmove(front, begin_ - before, static_cast<std::size_t>(before + held));
    begin_ = mark_ = whole_ = front + before;
    scanned_ = begin_ + scanned;
    end_ = begin_ + held;
  }
  const auto used = static_cast<std::size_t>(end_ - front);
  return {front + used, capacity_ - used};
}

void LineReader::start(std::string_view before) {
  before = before.substr(before.size() - std::min(before.size(), kBeforeBytes));
  before.copy(buffer_.get(), before.size());
  begin_ = scanned_ = end_ = mark_ = whole_ = buffer_.get() + before.size();
  skipping_ = false;
  skipped_ = 0;
}

std::string_view LineReader::before_pending() const {
  if (skipping_) return before_skipped_;
  const auto bytes = std::min<std::ptrdiff_t>(begin_ - buffer_.get(), kBeforeBytes);
  return {begin_ - bytes, static_cast<std::size_t>(bytes)};
}

std::optional<std::string_view> LineReader::finish() {
  const std::string_view line = without_cr({begin_, end_});
  const bool none = begin_ == end_ && !skipping_;
  begin_ = scanned_ = end_;
  if (none) return std::nullopt;
  if (skipping_ || line.size() > max_line_bytes_) {
    count_oversized();
    return std::nullopt;
  }
  return line;
}

/// Moves mark_ after the NULs at the start of the line. Returns whether the rest is within the limit.
bool LineReader::skip_nuls(const char* newline) {
  const char* const text = std::find_if(mark_, newline, [](char byte) { return byte != '\0'; });
  nul_bytes_ += static_cast<std::uint64_t>(text - mark_);
  mark_ = text;
  return without_cr({mark_, newline}).size() <= max_line_bytes_;
}

void LineReader::count_oversized() {
  ++oversized_;
  skipping_ = false;
  skipped_ = 0;
}

/// There is no newline. Holds the partial line, or skips it if it is too long.
void LineReader::hold_partial_line() {
  if (!skipping_) {
    const char* const text = std::find_if(begin_, end_, [](char byte) { return byte != '\0'; });
    nul_bytes_ += static_cast<std::uint64_t>(text - begin_);
    begin_ = text;
  }
  const auto held = static_cast<std::size_t>(end_ - begin_);
  if (skipping_ || held > max_line_bytes_ + 1) {
    if (!skipping_) before_skipped_ = before_pending();
    skipping_ = true;
    skipped_ += held;
    begin_ = end_;
  }
  scanned_ = end_;
  mark_ = begin_;
}

}  // namespace mre
