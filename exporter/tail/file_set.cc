// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/file_set.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <ranges>
#include <system_error>
#include <utility>

#include "exporter/base/text.h"

namespace mre {

namespace {

/// How long the status reports a saved file that was not found again.
constexpr std::chrono::minutes kReportNotFound{10};
/// Watched directories. Changes in others are found by the next scan.
constexpr std::size_t kMaxWatchedDirectories = 64;

}  // namespace

FileSet::FileSet(const LogOptions& options, std::string_view position, LineReader& reader,
                 SourceStatus& status, SteadyClock now)
    : options_(options),
      pattern_(options.path),
      reader_(reader),
      status_(status),
      now_(now),
      followed_(options, pattern_.is_glob(), reader, status, now),
      rotation_(options, followed_, now) {
  if (options.from != LogOptions::From::checkpoint || position.empty()) return;
  if (auto saved = ReadPosition::read(position, options.path)) restore(std::move(*saved));
}

void FileSet::scan() {
  const std::vector<std::string> paths = pattern_.paths();
  followed_.start_scan();
  missing_ = false;
  ignored_before_ = std::exchange(ignored_, {});
  if (!started_) start(paths);
  std::vector<std::string> unfollowed;
  std::ranges::copy_if(paths, std::back_inserter(unfollowed),
                       [this](const std::string& path) { return !mark_followed(path); });
  rotation_.drop_copies();
  for (const std::string& path : unfollowed) open_if_new(path);
  // Newest first: a broker that has written to a file no longer writes to older ones.
  followed_.for_each_newest_first([this](FollowedFile& file) {
    if (!file.is_new) check(file);
  });
  followed_.for_each_newest_first([this](FollowedFile& file) {
    if (std::exchange(file.may_have_siblings, false)) insert_siblings_of(file);
  });
  followed_.for_each_newest_first([this](FollowedFile& file) {
    if (std::exchange(file.is_new, false)) insert_skipped_before(file);
  });
  if (missing_) lost_names_.insert(pattern_.text());
  if (pattern_.is_glob()) search_lost_names(paths);
  for (const std::string& name : std::exchange(lost_names_, {}))
    followed_.append(rotation_.open_unprocessed(name, real_path(name)));
  followed_.drop_finished(rotation_.processed());
  followed_.limit_open_files();
}

/// The first scan without a position. Files that exist now are read from their end or beginning, as configured;
/// files that come later are read from their beginning. Stays undecided while permissions hide whether the file
/// exists.
void FileSet::start(const std::vector<std::string>& paths) {
  InitialEnds existing;
  for (const std::string& path : paths) {
    const auto metadata = metadata_of(path);
    if (metadata) {
      existing[path] = {metadata->identity, metadata->size};
    } else if (errno != ENOENT && errno != ENOTDIR && !pattern_.is_glob()) {
      return;
    }
  }
  started_ = true;
  for (const std::string& path : paths) {
    for (const RotationSibling& sibling : rotation_.siblings(path, real_path(path))) {
      const FileIdentity& identity = sibling.metadata.identity;
      const auto has_identity = [&](const auto& end) { return end.second.identity == identity; };
      if (std::ranges::any_of(existing, has_identity)) continue;
      if (auto opened = LogFile::open(sibling.path, sibling.gzip)) {
        rotation_.mark_processed(*opened, sibling.path, LogFile::Match::full);
      } else {
        rotation_.processed().add({identity, {{}, sibling.metadata.size, {}}});
      }
    }
  }
  if (options_.from == LogOptions::From::beginning) return;
  std::uint64_t bytes = 0;
  for (const auto& [path, end] : existing) bytes += end.size;
  rotation_.initial_ends() = std::move(existing);
  if (bytes > 0) {
    spdlog::info(
        "log {}: starts at its end and does not count the lines in the {} bytes before it; "
        "to count them, set \"from: beginning\" for the log or --log.from=beginning",
        pattern_.text(), bytes);
  }
}

void FileSet::restore(ReadPosition position) {
  started_ = true;
  rotation_.initial_ends() = std::move(position.initial_ends);
  rotation_.processed() = std::move(position.processed);
  for (const SavedFile& saved : position.files) {
    // An empty file cannot be recognised. Once it has bytes, it is found as a new file or as a copy.
    if (saved.size > 0 || saved.position.fingerprint.bytes > 0) restore_file(saved);
    lost_names_.insert(saved.name);
  }
}

void FileSet::restore_file(const SavedFile& saved) {
  auto found = rotation_.find_saved(saved);
  if (found == nullptr) found = rotation_.find_content(saved.position, saved.name, saved.real_path);
  if (found != nullptr) {
    log_decision(pattern_.text(), "resumes in", found->file, found->path);
    followed_.append(std::move(found));
    return;
  }
  if (saved.size <= saved.position.offset) return;
  const std::uint64_t lost = saved.size - saved.position.offset;
  status_.lost_bytes += lost;
  not_found_ = "the file last seen as " + saved.path + " (inode " + std::to_string(saved.identity.inode) +
               ") was not found again: " + std::to_string(lost) + " unread bytes are lost";
  report_not_found_until_ = now_() + kReportNotFound;
}

/// Whether `path` leads to a followed file. That file has a name then, and becomes the newest of its name.
bool FileSet::mark_followed(const std::string& path) {
  const auto metadata = metadata_of(path);
  FollowedFile* const followed = metadata ? followed_.find(metadata->identity) : nullptr;
  if (followed == nullptr) return false;
  followed->has_name = true;
  followed->path = path;
  const auto newest = std::ranges::find_if(std::views::reverse(followed_.list()),
                                           [&](const auto& other) { return other->name == path; });
  if (followed->name == path && newest->get() != followed) followed_.move_to_end(*followed);
  return true;
}

/// `path` leads to no followed file.
void FileSet::open_if_new(const std::string& path) {
  if (!pattern_.is_glob()) return open_new(path);
  const auto metadata = metadata_of(path);
  const bool is_processed = metadata && metadata->identity.is_unique() &&
                            rotation_.processed().find(metadata->identity).has_value();
  if (metadata && (!S_ISREG(metadata->mode) || is_processed)) return;
  // A pattern also matches copies, and an empty file may become one. A file that was here until now may have
  // been rotated.
  if (!metadata || metadata->size == 0) {
    empty_.insert(path);
    return;
  }
  const auto named = std::ranges::count_if(followed_.list(), [](const auto& file) { return file->has_name; });
  if (static_cast<std::size_t>(named) >= options_.max_files) {
    ignored_.insert(path);
    if (!ignored_before_.contains(path)) ++status_.files_ignored;
    return;
  }
  open_new(path);
}

void FileSet::open_new(const std::string& path) {
  auto opened = LogFile::open(path);
  if (!opened) {
    missing_ = opened.error().code == Errc::unavailable;
    if (missing_ && pattern_.is_glob()) {
      empty_.insert(path);
    } else {
      followed_.open_failed(std::move(opened.error()));
    }
    return;
  }
  if (pattern_.is_glob() && (rotation_.processed().contains(*opened) || rotation_.may_be_copy(*opened, path)))
    return;
  if (const auto processed = rotation_.processed().find(opened->identity()))
    opened->resume(processed->position);
  rotation_.seek_initial_end(path, *opened);
  log_decision(pattern_.text(), "follows the new file", *opened, path);
  auto newest = follow(std::move(*opened), path, path, real_path(path), now_());
  newest->has_name = newest->is_new = true;
  followed_.append(std::move(newest));
}

/// Files that had the name of `newest` between two scans, and were renamed since, are read before it.
void FileSet::insert_skipped_before(FollowedFile& newest) {
  FollowedFileList skipped = rotation_.open_unprocessed(newest.name, newest.real_path);
  const auto is_unknown = [this](const auto& file) {
    return !rotation_.processed().find(file->file.identity()).has_value();
  };
  const auto is_same_log = [&](const auto& file) { return file->name == newest.name; };
  status_.renames += static_cast<std::uint64_t>(std::ranges::count_if(skipped, is_unknown));
  if (std::ranges::count_if(followed_.list(), is_same_log) > 1) ++status_.renames;
  followed_.insert_before(newest, std::move(skipped));
  followed_.limit_open_files();
}

/// Inserts what rotation made of the log of `followed` and was not read: before it, copies of what it held
/// before, which were modified no later; after it, files that are newer or empty.
void FileSet::insert_siblings_of(const FollowedFile& followed) {
  FollowedFileList older = rotation_.open_unprocessed(followed.name, followed.real_path);
  const std::int64_t modified_ns = followed.file.metadata().modified_ns;
  const auto newer = std::ranges::stable_partition(older, [&](const auto& file) {
    return !file->never_grew() && file->file.metadata().modified_ns <= modified_ns;
  });
  FollowedFileList after{std::move_iterator(newer.begin()), std::move_iterator(newer.end())};
  older.erase(newer.begin(), newer.end());
  followed_.insert_after(followed, std::move(after));
  followed_.insert_before(followed, std::move(older));
}

/// A name of a pattern that has lost its file may have led to another one since the last scan, which was rotated
/// too. Directories that did not change need not be searched.
void FileSet::search_lost_names(const std::vector<std::string>& paths) {
  for (const std::string& path : std::exchange(empty_before_, std::exchange(empty_, {})))
    if (!std::ranges::binary_search(paths, path)) lost_names_.insert(path);
  std::map<std::string, bool> changed;
  for (const auto& followed : followed_.list()) {
    if (followed->has_name || std::ranges::binary_search(paths, followed->name)) continue;
    const std::string directory = directory_of(followed->name);
    if (!changed.contains(directory)) changed[directory] = directory_has_changed(directory);
    if (changed[directory]) lost_names_.insert(followed->name);
  }
}

/// Whether names were added or removed since the last call, or may have been.
bool FileSet::directory_has_changed(const std::string& directory) {
  const auto metadata = metadata_of(directory);
  if (!metadata) return false;
  const std::int64_t modified_ns = metadata->modified_ns;
  return std::exchange(directory_times_[directory], modified_ns) != modified_ns ||
         timestamp_may_repeat(modified_ns);
}

void FileSet::check(FollowedFile& followed) {
  LogFile& file = followed.file;
  if (!file.is_open()) return check_closed(followed);
  const std::uint64_t size_before = file.size();
  switch (file.check()) {
    case LogFile::Check::rewritten:
      return restart(followed, size_before);
    case LogFile::Check::failed:
      return followed_.read_failed(followed, errno);
    case LogFile::Check::unchanged:
      break;
  }
  if (file.size() > size_before) followed.last_growth = now_();
  if (file.size() > 0) followed.first_growth = std::min(followed.first_growth, now_());
  // An empty file has no bytes that would show that it was filled, copied and truncated since the last scan.
  const std::int64_t modified_ns = file.metadata().modified_ns;
  if (followed.empty_since_ns && *followed.empty_since_ns != modified_ns) followed.may_have_siblings = true;
  followed.empty_since_ns.reset();
  if (file.size() == 0) followed.empty_since_ns = modified_ns;
}

/// Finds a closed file by its identity and reopens it if it was written.
void FileSet::check_closed(FollowedFile& followed) {
  const FileIdentity& identity = followed.file.identity();
  auto metadata = metadata_of(followed.path);
  if (!metadata && errno != ENOENT && errno != ENOTDIR) return;
  if (!metadata || metadata->identity != identity) {
    for (const RotationSibling& sibling : rotation_.siblings(followed.name, followed.real_path)) {
      if (sibling.metadata.identity != identity) continue;
      followed.path = sibling.path;
      metadata = sibling.metadata;
    }
  }
  if (!metadata || metadata->identity != identity) {
    followed.is_deleted = true;
    return;
  }
  const FileMetadata before = followed.file.metadata();
  if (metadata->size == before.size && metadata->modified_ns == before.modified_ns) return;
  if (auto reopened = followed.file.reopen(followed.path); !reopened)
    return followed_.open_failed(std::move(reopened.error()));
  if (followed.file.check() == LogFile::Check::rewritten) return restart(followed, before.size);
  log_decision(pattern_.text(), "reopens", followed.file, followed.path);
  followed.last_growth = now_();
  followed.first_growth = std::min(followed.first_growth, now_());
  followed_.limit_open_files();
}

/// The content of `followed` was replaced. If there is a copy of it, the unread rest is read from there. Then
/// come the files that were rotated since, and then the file from its beginning. Unread bytes that no copy has
/// are counted as lost.
void FileSet::restart(FollowedFile& followed, std::uint64_t size_before) {
  followed_.stop_reading(followed);
  LogFile& file = followed.file;
  const ContentPosition position = file.position();
  log_decision(pattern_.text(), "restarts the rewritten file", file, followed.path);
  ++status_.truncations;
  std::uint64_t readable = position.offset;
  if (auto copy = rotation_.find_content(position, followed.name, followed.real_path)) {
    readable = copy->file.is_gzip() ? size_before : std::max(copy->file.size(), position.offset);
    FollowedFileList copies;
    copies.push_back(std::move(copy));
    followed_.insert_before(followed, std::move(copies));
  }
  if (size_before > readable) status_.lost_bytes += size_before - readable;
  file.restart();
  followed.start_content(now_());
  followed.may_have_siblings = true;
}

void FileSet::save(ByteWriter& out) const {
  save_position(out, pattern_.text(), followed_.saved(), rotation_.initial_ends(), rotation_.processed());
}

std::set<std::string> FileSet::directories() const {
  std::set<std::string> out = {pattern_.directory()};
  for (const auto& followed : followed_.list()) {
    if (out.size() + 1 >= kMaxWatchedDirectories) break;
    out.insert(directory_of(followed->path));
    out.insert(directory_of(followed->real_path));
  }
  return out;
}

bool FileSet::directories_are_complete() const {
  return !followed_.list().empty() && pattern_.directory() == directory_of(pattern_.text()) &&
         directories().size() + 1 < kMaxWatchedDirectories;
}

void FileSet::update_status() {
  const bool is_waiting = followed_.list().empty();
  status_.state = printable(state(), kMessageBytes);
  status_.up = !is_waiting && followed_.read_error() == 0 && (missing_ || followed_.open_error().empty());
  status_.records_oversized = reader_.oversized();
  status_.nul_bytes_skipped = followed_.hole_bytes() + reader_.nul_bytes();
  status_.lag_bytes = reader_.unacknowledged() + followed_.unread();
}

std::string FileSet::state() const {
  const std::string& log = pattern_.text();
  const FollowedFileList& files = followed_.list();
  const std::string& open_error = followed_.open_error();
  std::string state;
  if (files.empty()) {
    state = "waiting for " + log + ": " + (open_error.empty() ? "no file matches" : open_error);
  } else if (followed_.read_error() != 0) {
    state = "cannot read " + log + ": " + std::generic_category().message(followed_.read_error());
  } else if (missing_) {
    state = "reading the previous file of " + log + " until a new file has that name";
  } else if (!open_error.empty()) {
    state = "cannot follow " + log + ": " + open_error + "; still reading the previous file";
  } else if (pattern_.is_glob()) {
    state = "reading " + std::to_string(files.size()) + " files of " + log;
  } else if (files.size() > 1 && files.back()->never_grew()) {
    state = "reading the previous file of " + log + " until the new file has bytes";
  } else {
    state = "reading " + log;
  }
  if (!ignored_.empty()) {
    state += "; " + std::to_string(ignored_.size()) + " more are ignored (max_files is " +
             std::to_string(options_.max_files) + ")";
  }
  if (!not_found_.empty() && now_() < report_not_found_until_) state += "; " + not_found_;
  return state;
}

}  // namespace mre
