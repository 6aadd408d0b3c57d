// SPDX-License-Identifier: Apache-2.0
// The part of FileSet that says how it stands.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "exporter/base/text.h"
#include "exporter/tail/file_set.h"

namespace mre {

namespace {

/// Folders that are watched; what happens in others is found by looking.
constexpr std::size_t kMostFolders = 64;

}  // namespace

std::set<std::string> FileSet::folders() const {
  std::set<std::string> out = {pattern_.folder()};
  for (const auto& followed : files_) {
    if (out.size() + 1 >= kMostFolders) break;
    out.insert(folder_of(followed->path));
    out.insert(folder_of(followed->real));
  }
  return out;
}

void FileSet::log_decision(std::string_view decision, const LogFile& file, const std::string& path) const {
  const FileIdentity& identity = file.identity();
  spdlog::debug("log {}: {} {} (device {}, inode {}, born {}, size {}, modified {}, offset {})",
                pattern_.text(), decision, path, identity.device, identity.inode, identity.birth_ns,
                file.size(), file.facts().modified_ns, file.offset());
}

void FileSet::describe() {
  const std::string& log = pattern_.text();
  std::string state;
  if (files_.empty()) {
    state = "waiting for " + log + ": " + (problem_.empty() ? "there is no file of such a name" : problem_);
  } else if (read_error_ != 0) {
    state = "cannot read " + log + ": " + std::generic_category().message(read_error_);
  } else if (gone_) {
    state = "reading the file that was " + log + ", until a new one has that name";
  } else if (!problem_.empty()) {
    state = "cannot follow " + log + ": " + problem_ + "; the file that was there before is read on";
  } else if (pattern_.is_glob()) {
    state = "reading " + std::to_string(files_.size()) + " files of " + log;
  } else if (files_.size() > 1 && files_.back()->filled == Deadline::max()) {
    state = "reading the file that was " + log + ", until the new one has bytes";
  } else {
    state = "reading " + log;
  }
  if (!ignored_.empty()) {
    state += "; " + std::to_string(ignored_.size()) + " more are ignored, the limit is " +
             std::to_string(options_.max_files);
  }
  if (!note_.empty() && now_() < note_until_) state += "; " + note_;
  status_.state = printable(state, kMessageBytes);
  status_.up = !files_.empty() && read_error_ == 0 && (gone_ || problem_.empty());
  status_.records_oversized = reader_.oversized();
  status_.nul_bytes_skipped = hole_bytes_ + reader_.nul_bytes();
  status_.lag_bytes = reader_.unacknowledged();
  for (const auto& followed : files_) status_.lag_bytes += followed->file.unread();
}

}  // namespace mre
