// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/file_tail.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "exporter/input/read_budget.h"

namespace mre {

namespace {

constexpr std::chrono::milliseconds kScanInterval{250};
constexpr std::chrono::milliseconds kScanIntervalWithInotify{1000};

}  // namespace

FileTail::FileTail(LogOptions options, std::string_view position, SteadyClock now)
    : options_(std::move(options)),
      now_(now),
      reader_(options_.max_line_bytes),
      files_(options_, position, reader_, status_, now) {
  scan();
}

Result<std::optional<Record>> FileTail::next(Deadline deadline) {
  if (const auto line = reader_.next()) return Record{*line, {}};
  ReadBudget budget(deadline, interrupt_);
  status_.unread = false;
  std::optional<bool> woken;  // whether the last wait ended early
  // What was written since a call that found nothing and could not wait, ends the wait.
  bool waits_first = std::exchange(all_read_, false) && deadline > std::chrono::steady_clock::now();
  for (;;) {
    const bool filled = !std::exchange(waits_first, false) && fill();
    if (filled && woken) reported_ = *woken;
    if (const auto line = reader_.next()) return Record{*line, {}};
    if (filled && budget.is_exhausted()) {
      status_.unread = true;
      return std::nullopt;
    }
    if (filled) continue;
    const Deadline now = std::chrono::steady_clock::now();
    if (now >= deadline || interrupt_.take()) {
      all_read_ = true;
      return std::nullopt;
    }
    watch_.set(files_.directories());
    const bool reports = watch_.watching() && reported_ && files_.directories_are_complete();
    woken = watch_.wait(std::min(deadline, now + (reports ? kScanIntervalWithInotify : kScanInterval)),
                        interrupt_);
  }
}

/// Reads once. False: everything is read, as of a scan after the last read.
bool FileTail::fill() {
  if (now_() >= next_scan_) scan();
  if (files_.read()) return true;
  scan();
  return files_.read();
}

void FileTail::scan() {
  next_scan_ = now_() + kScanInterval;
  files_.scan();
}

bool FileTail::save(ByteWriter& out) {
  reader_.acknowledge();
  files_.save(out);
  return true;
}

const SourceStatus& FileTail::status() {
  files_.update_status();
  status_.watching = watch_.watching();
  status_.watch_overflows = watch_.overflows();
  return status_;
}

}  // namespace mre
