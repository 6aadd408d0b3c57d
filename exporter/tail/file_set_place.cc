// SPDX-License-Identifier: Apache-2.0
// The part of FileSet that decides where to begin, and that writes down where it stands.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/tail/file_set.h"

namespace mre {

namespace {

/// How long the operator is told what was not found again.
constexpr std::chrono::minutes kNote{10};

}  // namespace

/// The first look without a place: what there is now is an end or a beginning, all that comes later is new.
/// Not decided as long as nobody may ask whether there is a file.
void FileSet::start(const std::vector<std::string>& names) {
  std::map<std::string, ExistingFile> existing;
  for (const std::string& name : names) {
    const auto facts = facts_of(name);
    if (facts) {
      existing[name] = {facts->identity, facts->size};
    } else if (errno != ENOENT && errno != ENOTDIR && !pattern_.is_glob()) {
      return;
    }
  }
  started_ = true;
  for (const std::string& name : names) {
    for (const RotatedFile& rotated : relatives(name, real_path(name))) {
      const auto has_it = [&](const auto& e) { return e.second.identity == rotated.facts.identity; };
      if (std::ranges::any_of(existing, has_it)) continue;
      if (auto opened = LogFile::open(rotated.path, rotated.gzip)) {
        note_known(*opened, rotated.path, LogFile::Kinship::same);
      } else {
        known_.add({rotated.facts.identity, {}, rotated.facts.size, {}});
      }
    }
  }
  if (options_.from == LogOptions::From::beginning) return;
  existing_ = std::move(existing);
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : existing_) bytes += file.size;
  if (bytes > 0) {
    spdlog::info(
        "log {}: starts at its end, after {} bytes whose lines are not counted (from: beginning counts them)",
        pattern_.text(), bytes);
  }
}

/// Of a file that was there at the start, only what is behind its end then.
void FileSet::seek_existing(const std::string& name, LogFile& file) {
  const auto at = existing_.find(name);
  if (at == existing_.end()) return;
  if (at->second.identity == file.identity() && at->second.size <= file.size())
    file.seek_line_start(at->second.size, options_.max_line_bytes);
  existing_.erase(at);
}

void FileSet::restore(LogPlace place) {
  started_ = true;
  existing_ = std::move(place.existing);
  known_ = std::move(place.known);
  for (const SavedFile& saved : place.files) {
    // There is nothing to recognise an empty file by: with bytes it is found as a new one, or as a copy.
    if (saved.size > 0 || saved.print.bytes > 0) restore_file(saved);
    searched_.insert(saved.name);
  }
}

void FileSet::restore_file(const SavedFile& saved) {
  auto found = find_identity(saved);
  if (found == nullptr)
    found = find_content({saved.print, saved.offset, saved.marker}, saved.name, saved.real);
  if (found != nullptr) {
    log_decision("continues in", found->file, found->path);
    files_.push_back(std::move(found));
    limit_open();
    return;
  }
  if (saved.size <= saved.offset) return;
  const std::uint64_t lost = saved.size - saved.offset;
  status_.lost_bytes += lost;
  note_ = "the file that was " + saved.path + " (inode " + std::to_string(saved.identity.inode) +
          ") was not found again: " + std::to_string(lost) + " bytes of it are lost";
  note_until_ = now_() + kNote;
}

/// The file itself, or a copy that took its name, wherever it stands now. Null: there is none, or it was
/// written anew.
std::unique_ptr<FileSet::Followed> FileSet::find_identity(const SavedFile& saved) {
  std::vector<std::string> paths = {saved.path, saved.name};
  for (const RotatedFile& other : relatives(saved.name, saved.real)) paths.push_back(other.path);
  for (const bool by_content : {false, true}) {
    for (const std::string& path : paths) {
      const auto facts = facts_of(path);
      if (!facts || follows(facts->identity)) continue;
      if (by_content ? path != saved.name || saved.print.bytes == 0 : facts->identity != saved.identity)
        continue;
      auto opened = LogFile::open(path, saved.gzip && !by_content);
      if (opened && opened->resume(saved.print, saved.offset, saved.marker))
        return follow(std::move(*opened), saved.name, path, saved.real);
      if (opened || by_content || saved.gzip) continue;
      FileFacts seen = *facts;  // it cannot be opened now
      seen.size = saved.size;
      seen.modified_ns = 0;
      return follow(LogFile(seen, saved.offset, saved.marker), saved.name, path, saved.real);
    }
  }
  return nullptr;
}

void FileSet::save(ByteWriter& out) const {
  std::vector<SavedFile> files;
  files.reserve(files_.size());
  for (const auto& followed : files_) {
    const LogFile& file = followed->file;
    SavedFile saved{file.identity(),          file.print(),   file.offset(),  file.marker(),  file.size(),
                    file.facts().modified_ns, followed->name, followed->path, followed->real, file.is_gzip()};
    if (followed.get() == current_) {
      saved.offset -= reader_.pending();
      saved.marker = reader_.before_pending();
    }
    files.push_back(std::move(saved));
  }
  save_place(out, pattern_.text(), files, existing_, known_);
}

}  // namespace mre
