// SPDX-License-Identifier: Apache-2.0
// The part of FileSet that looks around a log: files that came and went between two looks, copies of a file
// that was truncated, and packed ones. What a file is, is told by its content here, because a copy has
// another identity.
#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "exporter/tail/file_set.h"

namespace mre {

namespace {

/// A file that was packed or renamed after the folder was read has another name the next time.
constexpr int kTries = 3;

}  // namespace

bool FileSet::follows(const FileIdentity& identity) const {
  return std::ranges::any_of(files_, [&](const auto& f) { return f->file.identity() == identity; });
}

std::vector<RotatedFile> FileSet::relatives(const std::string& name, const std::string& real) {
  std::set<std::string> paths = {name, real};
  for (const auto& followed : files_) {
    if (followed->name == name) paths.insert(followed->real);
  }
  return rotated_files(listings_, paths);
}

/// Files that rotation made of the log `name` and that nobody has read, oldest first; all others are noted.
FileSet::Files FileSet::open_unseen(const std::string& name, const std::string& real) {
  Files out;
  bool missed = true;
  for (int tries = 0; tries < kTries && missed; ++tries) {
    missed = false;
    for (const RotatedFile& rotated : relatives(name, real)) {
      const FileIdentity& identity = rotated.facts.identity;
      const auto has_it = [&](const auto& f) { return f->file.identity() == identity; };
      if (follows(identity) || (identity.is_unique() && known_.find(identity))) continue;
      if (std::ranges::any_of(out, has_it)) continue;
      auto opened = LogFile::open(rotated.path, rotated.gzip);
      if (!opened) {
        missed = missed || opened.error().code == Errc::unavailable;
      } else if (known_.has(*opened)) {
        continue;
      } else if (const auto kin = kinship(*opened);
                 kin != LogFile::Kinship::none || (rotated.gzip && opened->head().empty())) {
        note_known(*opened, rotated.path, kin);
      } else {
        seek_existing(rotated.path, *opened);
        log_decision("follows the rotated file", *opened, rotated.path);
        out.push_back(follow(std::move(*opened), name, rotated.path, real));
      }
    }
  }
  // What comes into an empty one is written after what the others have, whatever its age is.
  std::ranges::stable_partition(out, [](const auto& f) { return f->filled != Deadline::max(); });
  return out;
}

/// A copy that was empty when it was found is followed like a file to which the broker will write. What it is
/// shows with its first bytes, which may come in the same look as the truncation of the file that it was made
/// of.
void FileSet::drop_copies() {
  const auto is_copy = [this](const auto& followed) {
    LogFile& file = followed->file;
    if (followed->named || followed->filled != Deadline::max() || !file.is_open()) return false;
    return file.look() == LogFile::Look::same && file.size() > 0 && kinship(file) != LogFile::Kinship::none;
  };
  for (auto at = files_.begin(); (at = std::ranges::find_if(at, files_.end(), is_copy)) != files_.end();) {
    log_decision("does not follow the copy", (*at)->file, (*at)->path);
    at = files_.erase(at);
  }
}

/// How the content of `file` stands to all that was read or is followed, at best.
LogFile::Kinship FileSet::kinship(LogFile& file) const {
  auto best = known_.kinship(file);
  for (const auto& followed : files_) {
    LogFile& other = followed->file;
    if (other.identity() == file.identity()) continue;
    if (other.offset() > 0 || file.is_gzip() || other.is_gzip()) {
      best = std::max(best, file.kinship(other.print(), other.offset(), other.marker()));
    } else if (other.is_beginning_of(file) || (other.has_whole_head() && other.print().fits(file.head()))) {
      best = LogFile::Kinship::same;
    } else if (file.is_beginning_of(other) ||
               (file.has_whole_head() && other.print().goes_beyond(file.head()))) {
      best = std::max(best, LogFile::Kinship::shorter);
    }
  }
  return best;
}

/// Whether `file`, which a pattern matches, is no log of its own: it is the copy of one that is followed, or
/// could be, as far as it goes now.
bool FileSet::may_be_copy(LogFile& file, const std::string& name) {
  const std::size_t folder = name.rfind('/') + 1;
  for (const auto& followed : files_) {
    const auto is_named_after = [&](std::string_view path) {
      const std::size_t slash = path.rfind('/') + 1;  // npos + 1 is 0
      return slash == folder && path.substr(0, slash) == std::string_view(name).substr(0, slash) &&
             is_rotated_name(path.substr(slash), std::string_view(name).substr(slash));
    };
    if (!is_named_after(followed->name) && !is_named_after(followed->real)) continue;
    const LogFile& other = followed->file;
    const auto kinship = file.kinship(other.print(), other.offset(), other.marker());
    if (kinship == LogFile::Kinship::none) continue;
    if (kinship == LogFile::Kinship::same && other.offset() > 0) note_known(file, name, kinship);
    return true;
  }
  return false;
}

/// Its packed version is known too then, as far as the uncompressed end can be looked at. Of a copy that ends
/// too early, because it is being written, only the identity: other files begin with its first bytes too.
void FileSet::note_known(LogFile& file, const std::string& path, LogFile::Kinship kinship) {
  log_decision("does not read what it has read already,", file, path);
  if (kinship != LogFile::Kinship::same) return known_.add({file.identity(), {}, 0, {}});
  const std::uint64_t end = file.is_gzip() ? 0 : file.size();
  known_.add({file.identity(), file.print(), end, file.before(end)});
}

/// The content of `followed`, of which `seen` bytes were seen, is gone: it goes on in a copy, if there is
/// one, and then in what has been rotated since, before the file is read from its beginning.
void FileSet::rewritten(Followed& followed, std::uint64_t seen) {
  if (&followed == current_) put_down();
  LogFile& file = followed.file;
  const Piece piece{file.print(), file.offset(), file.marker()};
  log_decision("was written again:", file, followed.path);
  ++status_.truncations;
  if (auto copy = find_content(piece, followed.name, followed.real)) {
    if (!copy->file.is_gzip())
      status_.lost_bytes += seen - std::min(seen, std::max(copy->file.size(), piece.offset));
    files_.insert(place_in_order(followed), std::move(copy));
  } else if (seen > piece.offset) {
    status_.lost_bytes += seen - piece.offset;
  }
  file.restart();
  followed.grown = now_();
  followed.filled = file.size() > 0 ? followed.grown : Deadline::max();
  followed.empty_at.reset();
  if (file.size() == 0) followed.empty_at = file.facts().modified_ns;
  followed.unsure = true;
}

/// What rotation made of the log of `followed` and nobody has read: a copy of what it held before, if it was
/// written before the last write to it, else a file that came after it, as an empty one does.
void FileSet::insert_unseen(Followed& followed) {
  Files unseen = open_unseen(followed.name, followed.real);
  const auto later = std::stable_partition(unseen.begin(), unseen.end(), [&](const auto& f) {
    return f->filled != Deadline::max() && f->file.facts().modified_ns <= followed.file.facts().modified_ns;
  });
  const auto move = std::make_move_iterator<Files::iterator>;
  files_.insert(place_in_order(followed) + 1, move(later), move(unseen.end()));
  files_.insert(place_in_order(followed), move(unseen.begin()), move(later));
}

FileSet::Files::iterator FileSet::place_in_order(const Followed& followed) {
  return std::ranges::find_if(files_, [&](const auto& f) { return f.get() == &followed; });
}

/// The file among the relatives of a log in which a content goes on. Those that end before it are noted.
std::unique_ptr<FileSet::Followed> FileSet::find_content(const Piece& piece, const std::string& name,
                                                         const std::string& real) {
  if (piece.print.bytes == 0) return nullptr;
  std::unique_ptr<Followed> found;
  for (int tries = 0; tries < kTries && found == nullptr; ++tries) {
    bool missed = false;
    for (const RotatedFile& other : std::views::reverse(relatives(name, real))) {
      if (follows(other.facts.identity)) continue;
      auto opened = LogFile::open(other.path, other.gzip);
      if (!opened) {
        missed = missed || opened.error().code == Errc::unavailable;
        continue;
      }
      const auto kinship = opened->kinship(piece.print, piece.offset, piece.marker);
      if (kinship == LogFile::Kinship::none) continue;
      if (kinship == LogFile::Kinship::same && found == nullptr &&
          opened->resume(piece.print, piece.offset, piece.marker)) {
        log_decision("continues in the copy", *opened, other.path);
        found = follow(std::move(*opened), name, other.path, real);
      } else {
        note_known(*opened, other.path, LogFile::Kinship::same);
      }
    }
    if (!missed) break;
  }
  return found;
}

}  // namespace mre
