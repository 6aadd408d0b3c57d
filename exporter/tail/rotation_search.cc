// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/rotation_search.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include "exporter/tail/path_pattern.h"

namespace mre {

namespace {

/// A file that is packed or renamed after the directory was listed has another name at the next try.
constexpr int kMaxTries = 3;

/// Whether rotation gives the name of `path` to the file `base`, in the same directory.
bool is_rotated_path(std::string_view base, std::string_view path) {
  const std::size_t base_name = base.rfind('/') + 1;  // npos + 1 is 0
  const std::size_t name = path.rfind('/') + 1;
  return base.substr(0, base_name) == path.substr(0, name) &&
         is_rotated_name(base.substr(base_name), path.substr(name));
}

}  // namespace

RotationSearch::RotationSearch(const LogOptions& options, FollowedFiles& followed, SteadyClock now)
    : options_(options), followed_(followed), now_(now) {}

std::vector<RotationSibling> RotationSearch::siblings(const std::string& name, const std::string& real_path) {
  std::set<std::string> paths = {name, real_path};
  for (const auto& followed : followed_.list()) {
    if (followed->name == name) paths.insert(followed->real_path);
  }
  return rotation_siblings(directories_, paths);
}

FollowedFileList RotationSearch::open_unprocessed(const std::string& name, const std::string& real_path) {
  FollowedFileList out;
  const auto is_opened = [&](const FileIdentity& identity) {
    return std::ranges::any_of(out, [&](const auto& file) { return file->file.identity() == identity; });
  };
  bool missed_any = true;
  for (int tries = 0; tries < kMaxTries && missed_any; ++tries) {
    missed_any = false;
    for (const RotationSibling& sibling : siblings(name, real_path)) {
      const FileIdentity& identity = sibling.metadata.identity;
      if (followed_.contains(identity) || (identity.is_unique() && processed_.find(identity))) continue;
      if (is_opened(identity)) continue;
      auto opened = LogFile::open(sibling.path, sibling.gzip);
      if (!opened) {
        missed_any = missed_any || opened.error().code == Errc::unavailable;
        continue;
      }
      if (processed_.contains(*opened)) continue;
      const LogFile::Match found = match(*opened);
      const bool is_empty_gzip = sibling.gzip && opened->head().empty();
      if (found != LogFile::Match::none || is_empty_gzip) {
        mark_processed(*opened, sibling.path, found);
        continue;
      }
      seek_initial_end(sibling.path, *opened);
      log_decision(options_.path, "follows the rotated file", *opened, sibling.path);
      out.push_back(follow(std::move(*opened), name, sibling.path, real_path, now_()));
    }
  }
  // Whatever an empty file will contain is written after the contents of the others, whatever its age is.
  std::ranges::stable_partition(out, [](const auto& file) { return !file->never_grew(); });
  return out;
}

std::unique_ptr<FollowedFile> RotationSearch::find_content(const ContentPosition& position,
                                                           const std::string& name,
                                                           const std::string& real_path) {
  if (position.fingerprint.bytes == 0) return nullptr;
  std::unique_ptr<FollowedFile> found;
  bool missed_any = true;
  for (int tries = 0; tries < kMaxTries && missed_any && found == nullptr; ++tries) {
    missed_any = false;
    for (const RotationSibling& sibling : std::views::reverse(siblings(name, real_path))) {
      if (followed_.contains(sibling.metadata.identity)) continue;
      auto opened = LogFile::open(sibling.path, sibling.gzip);
      if (!opened) {
        missed_any = missed_any || opened.error().code == Errc::unavailable;
        continue;
      }
      const LogFile::Match match = opened->match(position);
      if (match == LogFile::Match::none) continue;
      if (match == LogFile::Match::full && found == nullptr && opened->resume(position)) {
        log_decision(options_.path, "continues in the copy", *opened, sibling.path);
        found = follow(std::move(*opened), name, sibling.path, real_path, now_());
      } else {
        mark_processed(*opened, sibling.path, LogFile::Match::full);
      }
    }
  }
  return found;
}

std::unique_ptr<FollowedFile> RotationSearch::find_saved(const SavedFile& saved) {
  std::vector<std::string> paths = {saved.path, saved.name};
  for (const RotationSibling& sibling : siblings(saved.name, saved.real_path)) paths.push_back(sibling.path);
  for (const std::string& path : paths) {
    const auto metadata = metadata_of(path);
    if (!metadata || followed_.contains(metadata->identity) || metadata->identity != saved.identity) continue;
    auto opened = LogFile::open(path, saved.gzip);
    if (opened && opened->resume(saved.position))
      return follow(std::move(*opened), saved.name, path, saved.real_path, now_());
    if (opened || saved.gzip) continue;
    FileMetadata last_seen = *metadata;  // it cannot be opened now: a later scan reopens it
    last_seen.size = saved.size;
    last_seen.modified_ns = 0;
    return follow(LogFile(last_seen, saved.position.offset, saved.position.marker), saved.name, path,
                  saved.real_path, now_());
  }
  // A copy that took its name.
  const auto metadata = metadata_of(saved.name);
  if (!metadata || followed_.contains(metadata->identity) || saved.position.fingerprint.bytes == 0)
    return nullptr;
  auto opened = LogFile::open(saved.name);
  if (!opened || !opened->resume(saved.position)) return nullptr;
  return follow(std::move(*opened), saved.name, saved.name, saved.real_path, now_());
}

void RotationSearch::drop_copies() {
  for (std::size_t i = 0; i < followed_.list().size();) {
    FollowedFile& followed = *followed_.list()[i];
    LogFile& file = followed.file;
    const bool is_copy = !followed.has_name && followed.never_grew() && file.is_open() &&
                         file.check() == LogFile::Check::unchanged && file.size() > 0 &&
                         match(file) != LogFile::Match::none;
    if (!is_copy) {
      ++i;
      continue;
    }
    log_decision(options_.path, "stops following the copy", file, followed.path);
    followed_.erase(followed);
  }
}

/// The best match of the content of `file` with everything that is followed or processed.
LogFile::Match RotationSearch::match(LogFile& file) const {
  auto best = processed_.match(file);
  for (const auto& followed : followed_.list()) {
    LogFile& other = followed->file;
    if (other.identity() == file.identity()) continue;
    if (other.offset() > 0 || file.is_gzip() || other.is_gzip()) {
      best = std::max(best, file.match(other.position()));
    } else if (other.is_beginning_of(file) ||
               (other.has_whole_head() && other.fingerprint().matches(file.head()))) {
      best = LogFile::Match::full;
    } else if (file.is_beginning_of(other) ||
               (file.has_whole_head() && other.fingerprint().extends(file.head()))) {
      best = std::max(best, LogFile::Match::prefix);
    }
  }
  return best;
}

bool RotationSearch::may_be_copy(LogFile& file, const std::string& path) {
  for (const auto& followed : followed_.list()) {
    if (!is_rotated_path(followed->name, path) && !is_rotated_path(followed->real_path, path)) continue;
    const LogFile& other = followed->file;
    const LogFile::Match match = file.match(other.position());
    if (match == LogFile::Match::none) continue;
    if (match == LogFile::Match::full && other.offset() > 0) mark_processed(file, path, match);
    return true;
  }
  return false;
}

void RotationSearch::mark_processed(LogFile& file, const std::string& path, LogFile::Match match) {
  log_decision(options_.path, "skips, because its content was read already,", file, path);
  if (match != LogFile::Match::full) return processed_.add({file.identity(), {}});
  const std::uint64_t end = file.is_gzip() ? 0 : file.size();
  processed_.add({file.identity(), {file.fingerprint(), end, file.marker_at(end)}});
}

void RotationSearch::seek_initial_end(const std::string& path, LogFile& file) {
  const auto found = initial_ends_.find(path);
  if (found == initial_ends_.end()) return;
  const InitialEnd& end = found->second;
  if (end.identity == file.identity() && end.size <= file.size())
    file.seek_line_start(end.size, options_.max_line_bytes);
  initial_ends_.erase(found);
}

}  // namespace mre
