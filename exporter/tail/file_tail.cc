// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/file_tail.h"

#include <algorithm>
#include <utility>

#include "exporter/input/read_turn.h"

namespace mre {

namespace {

constexpr std::chrono::milliseconds kLookEvery{250};

}  // namespace

FileTail::FileTail(LogOptions options, std::string_view place, SteadyClock now)
    : options_(std::move(options)),
      now_(now),
      reader_(options_.max_line_bytes),
      files_(options_, place, reader_, status_, now) {
  look();
}

Result<std::optional<Record>> FileTail::next(Deadline deadline) {
  if (const auto line = reader_.next()) [[likely]]
    return hand_out(*line);
  return next_read(deadline);
}

/// `next` where no line is left in the reader.
Result<std::optional<Record>> FileTail::next_read(Deadline deadline) {
  ReadTurn turn(deadline, interrupt_);
  status_.unread = false;
  for (;;) {
    const bool filled = fill();
    if (const auto line = reader_.next()) return hand_out(*line);
    if (filled && turn.is_over()) {
      status_.unread = true;
      return std::nullopt;
    }
    if (filled) continue;
    const Deadline now = std::chrono::steady_clock::now();
    if (now >= deadline || interrupt_.take()) return std::nullopt;
    watch_.set(files_.folders());
    watch_.wait(std::min(deadline, now + kLookEvery), interrupt_);
  }
}

/// Reads once. False: all was read, and this was seen after a look.
bool FileTail::fill() {
  if (now_() >= next_look_) look();
  if (files_.read()) return true;
  look();
  return files_.read();
}

void FileTail::look() {
  next_look_ = now_() + kLookEvery;
  files_.look();
}

bool FileTail::save(ByteWriter& out) {
  reader_.acknowledge();
  files_.save(out);
  return true;
}

const SourceStatus& FileTail::status() {
  files_.describe();
  status_.watching = watch_.watching();
  status_.watch_overflows = watch_.overflows();
  return status_;
}

LineBlock FileTail::lines() { return reader_.lines(); }

void FileTail::consume(std::size_t bytes, std::uint64_t count) {
  reader_.consume(bytes);
  status_.record_bytes += bytes - count;
}

Record FileTail::hand_out(std::string_view line) {
  status_.record_bytes += line.size();
  return Record{line, {}};
}

}  // namespace mre
