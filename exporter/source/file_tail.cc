#include "exporter/source/file_tail.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "exporter/base/text.h"

namespace mre {

namespace {

constexpr std::chrono::milliseconds kLookEvery{250};

/// Open files at a time: the one being read and those in line behind it.
constexpr std::size_t kMaxFiles = 16;

std::string directory_of(const std::string& path) {
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  return directory.empty() ? "." : directory.string();
}

}  // namespace

FileTail::FileTail(LogOptions options)
    : options_(std::move(options)),
      reader_(options_.max_line_bytes),
      watch_(directory_of(options_.path)),
      start_decided_(options_.from == LogOptions::From::beginning) {
  look();
}

Result<std::optional<Record>> FileTail::next(Deadline deadline) {
  if (const auto line = reader_.next()) [[likely]]
    return hand_out(*line);
  return next_read(deadline);
}

/// `next` where no line is left in the reader.
Result<std::optional<Record>> FileTail::next_read(Deadline deadline) {
  for (;;) {
    const bool filled = fill();
    if (const auto line = reader_.next()) return hand_out(*line);
    if (filled) continue;
    const Deadline now = std::chrono::steady_clock::now();
    if (now >= deadline || interrupt_.take()) return std::nullopt;
    watch_.wait(std::min(deadline, now + kLookEvery), interrupt_);
  }
}

const SourceStatus& FileTail::status() {
  status_.records_oversized = reader_.oversized();
  status_.lag_bytes = reader_.unacknowledged();
  for (const LogFile& file : files_) {
    if (file.size() > file.offset()) status_.lag_bytes += file.size() - file.offset();
  }
  return status_;
}

/// Reads once from the front file, or from the one after it. False: at the end of what there is, and this was
/// seen after a look.
bool FileTail::fill() {
  bool looked = false;
  if (at_end_ || files_.empty() || std::chrono::steady_clock::now() >= next_look_) {
    look();
    looked = true;
  }
  while (!files_.empty()) {
    if (read_front()) return true;
    if (!looked) {
      look();
      looked = true;
    } else if (later_file_has_bytes()) {
      leave_front();
    } else {
      return false;
    }
  }
  return false;
}

bool FileTail::read_front() {
  const ssize_t bytes = files_.front().read_into(reader_);
  read_error_ = bytes < 0 ? errno : 0;
  if (bytes < 0) ++status_.failures;
  at_end_ = bytes <= 0;
  return bytes > 0;
}

/// As of the last look, so that a read that finds the end of the front file after it has missed nothing.
bool FileTail::later_file_has_bytes() const {
  return std::any_of(files_.begin() + 1, files_.end(), [](const LogFile& file) { return file.size() > 0; });
}

void FileTail::leave_front() {
  status_.lost_bytes += reader_.drop();
  files_.pop_front();
  ++status_.renames;
}

void FileTail::look() {
  next_look_ = std::chrono::steady_clock::now() + kLookEvery;
  check_rewritten();
  describe(look_at_name());
}

void FileTail::check_rewritten() {
  for (LogFile& file : files_) {
    if (!file.refresh_rewritten()) continue;
    file.restart();
    status_.lost_bytes += reader_.drop();
    ++status_.truncations;
  }
}

FileTail::Name FileTail::look_at_name() {
  note_existing();
  struct stat st{};
  if (::stat(options_.path.c_str(), &st) == 0) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (files_[i].id() != FileId(st)) continue;
      forget_from(i + 1);
      return {};
    }
  }
  return open_named();
}

/// Decides, as soon as the name tells, whether there was a file at the start, and where it ended then. It
/// need not be readable for that.
void FileTail::note_existing() {
  if (start_decided_) return;
  struct stat st{};
  const bool exists = ::stat(options_.path.c_str(), &st) == 0;
  if (!exists && errno != ENOENT && errno != ENOTDIR) return;
  start_decided_ = true;
  if (exists) existing_ = Existing{FileId(st), static_cast<std::uint64_t>(st.st_size)};
}

FileTail::Name FileTail::open_named() {
  if (files_.size() == kMaxFiles && files_[1].size() == 0) files_.erase(files_.begin() + 1);
  if (files_.size() == kMaxFiles) return {};  // The front one is about to be left.
  auto opened = LogFile::open(options_.path);
  if (!opened) {
    ++status_.failures;
    return {opened.error().code == Errc::unavailable, std::move(opened.error().what)};
  }
  if (existing_ && existing_->id == opened->id() && existing_->size <= opened->size()) {
    opened->seek_line_start(existing_->size, options_.max_line_bytes);
  }
  existing_.reset();
  files_.push_back(std::move(*opened));
  return {};
}

/// The name went back to an earlier file: the ones from `index` on no longer come after it.
void FileTail::forget_from(std::size_t index) {
  while (files_.size() > index) {
    status_.lost_bytes += files_.back().size();
    files_.pop_back();
  }
}

void FileTail::describe(const Name& name) {
  std::string state;
  if (files_.empty()) {
    state = "waiting for " + options_.path + ": " + name.problem;
  } else if (read_error_ != 0) {
    state = "cannot read " + options_.path + ": " + std::generic_category().message(read_error_);
  } else if (name.gone) {
    state = "reading the file that was " + options_.path + ", until a new one has that name";
  } else if (!name.problem.empty()) {
    state = "cannot follow " + options_.path + ": " + name.problem +
            "; the file that was there before is read on";
  } else if (files_.size() > 1) {
    state = "reading the file that was " + options_.path + ", until the new one has bytes";
  } else {
    state = "reading " + options_.path;
  }
  status_.up = !files_.empty() && read_error_ == 0 && (name.gone || name.problem.empty());
  status_.state = printable(state, 1024);
}

Record FileTail::hand_out(std::string_view line) {
  status_.record_bytes += line.size();
  return Record{line, {}};
}

}  // namespace mre
