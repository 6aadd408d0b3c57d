// SPDX-License-Identifier: Apache-2.0
// The part of FileSet that asks where the names lead.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "exporter/tail/file_set.h"

namespace mre {

/// A name of the pattern that led to a file and leads nowhere now may have led to another one since the last
/// look, which was rotated too. Folders in which nothing came or went need not be searched.
void FileSet::search_missing(const std::vector<std::string>& names) {
  for (const std::string& name : std::exchange(unread_before_, std::exchange(unread_, {})))
    if (!std::ranges::binary_search(names, name)) searched_.insert(name);
  std::map<std::string, bool> changed;
  for (const auto& followed : files_) {
    if (followed->named || std::ranges::binary_search(names, followed->name)) continue;
    const std::string folder = folder_of(followed->name);
    if (!changed.contains(folder)) changed[folder] = has_changed(folder);
    if (changed[folder]) searched_.insert(followed->name);
  }
}

/// Whether names came or went in it since the last call, or may have.
bool FileSet::has_changed(const std::string& folder) {
  const auto facts = facts_of(folder);
  if (!facts) return false;
  const bool differs = std::exchange(folders_[folder], facts->modified_ns) != facts->modified_ns;
  return differs || may_repeat(facts->modified_ns);
}

bool FileSet::leads_to_followed(const std::string& name) {
  const auto facts = facts_of(name);
  if (!facts) return false;
  const auto same = [&](const auto& followed) { return followed->file.identity() == facts->identity; };
  const auto at = std::ranges::find_if(files_, same);
  if (at == files_.end()) return false;
  (*at)->named = true;
  (*at)->path = name;
  const bool newest = std::none_of(at + 1, files_.end(), [&](const auto& f) { return f->name == name; });
  if (!newest && (*at)->name == name) std::rotate(at, at + 1, files_.end());
  return true;
}

/// A name that leads to no file that is followed.
void FileSet::look_at_stranger(const std::string& name) {
  if (!pattern_.is_glob()) return open_named(name);
  const auto facts = facts_of(name);
  if (facts && (!S_ISREG(facts->mode) || (facts->identity.is_unique() && known_.find(facts->identity))))
    return;
  // In a pattern there are copies; an empty file tells not yet whether it is one. And what was there a moment
  // ago may have been rotated.
  if (!facts || facts->size == 0) {
    unread_.insert(name);
    return;
  }
  const auto named = std::ranges::count_if(files_, [](const auto& followed) { return followed->named; });
  if (static_cast<std::size_t>(named) >= options_.max_files) {
    ignored_.insert(name);
    if (!ignored_before_.contains(name)) ++status_.files_ignored;
    return;
  }
  open_named(name);
}

/// The name leads to a file that is not followed: it comes behind all others.
void FileSet::open_named(const std::string& name) {
  auto opened = LogFile::open(name);
  if (!opened) {
    gone_ = opened.error().code == Errc::unavailable;
    if (gone_ && pattern_.is_glob()) {
      unread_.insert(name);
      return;
    }
    ++status_.failures;
    problem_ = std::move(opened.error().what);
    return;
  }
  if (pattern_.is_glob() && (known_.has(*opened) || may_be_copy(*opened, name))) return;
  if (const auto known = known_.find(opened->identity()))
    opened->resume(known->print, known->offset, known->marker);
  seek_existing(name, *opened);
  log_decision("follows the new file", *opened, name);
  auto newest = follow(std::move(*opened), name, name, real_path(name));
  newest->named = newest->fresh = true;
  files_.push_back(std::move(newest));
  limit_open();
}

/// Before a file that is new in its name come those that came and went since the one before.
void FileSet::insert_before_fresh(Followed& newest) {
  newest.fresh = false;
  Files unseen = open_unseen(newest.name, newest.real);
  const auto same_log = [&](const auto& f) { return f->name == newest.name; };
  status_.renames += static_cast<std::uint64_t>(
      std::ranges::count_if(unseen, [this](const auto& f) { return !known_.find(f->file.identity()); }));
  if (std::ranges::count_if(files_, same_log) > 1) ++status_.renames;
  const auto move = std::make_move_iterator<Files::iterator>;
  files_.insert(place_in_order(newest), move(unseen.begin()), move(unseen.end()));
  limit_open();
}

}  // namespace mre
