#include "exporter/source/line_reader.h"

#include <algorithm>

namespace mre {

// A half line of up to the limit and its '\r' is held; the doubling leaves room to read into beside it.
LineReader::LineReader(std::size_t max_line_bytes)
    : max_line_bytes_(max_line_bytes),
      capacity_(std::max(kBufferBytes, 2 * (max_line_bytes + 2))),
      buffer_(std::make_unique_for_overwrite<char[]>(capacity_)),
      begin_(buffer_.get()),
      scanned_(begin_),
      end_(begin_),
      mark_(begin_) {}

std::span<char> LineReader::space() {
  char* const front = buffer_.get();
  const auto held = static_cast<std::size_t>(end_ - begin_);
  if (held == 0 || static_cast<std::size_t>(end_ - front) > capacity_ / 2) {
    std::memmove(front, begin_, held);
    scanned_ = front + (scanned_ - begin_);
    end_ = front + held;
    begin_ = mark_ = front;
  }
  const auto used = static_cast<std::size_t>(end_ - front);
  return {front + used, capacity_ - used};
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

std::uint64_t LineReader::drop() {
  std::uint64_t lost = 0;
  if (skipping_) {
    count_oversized();
  } else {
    lost = static_cast<std::uint64_t>(end_ - begin_);
  }
  begin_ = scanned_ = mark_ = end_;
  return lost;
}

void LineReader::count_oversized() {
  ++oversized_;
  skipping_ = false;
  skipped_ = 0;
}

/// There is no newline: holds the half line, or starts or goes on to skip it.
void LineReader::pause() {
  const auto held = static_cast<std::size_t>(end_ - begin_);
  if (skipping_ || held > max_line_bytes_ + 1) {
    skipping_ = true;
    skipped_ += held;
    begin_ = end_;
  }
  scanned_ = end_;
  mark_ = begin_;
}

}  // namespace mre
