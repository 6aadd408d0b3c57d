// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/file_set.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <tuple>
#include <utility>

namespace mre {

namespace {

/// How long a file without a name is still looked at after its last byte: longer than a broker takes to open
/// its new log when it is told to.
constexpr std::chrono::seconds kSilence{5};
/// The same for one of a pattern whose name leads nowhere.
constexpr std::chrono::minutes kAbsence{5};
/// Descriptors of log files at a time.
constexpr std::size_t kMostOpen = 64;

/// No more than a quarter of what the process may have.
std::size_t most_open() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMostOpen;
  return std::clamp<std::size_t>(limit.rlim_cur / 4, 4, kMostOpen);
}

}  // namespace

FileSet::FileSet(const LogOptions& options, std::string_view place, LineReader& reader, SourceStatus& status,
                 SteadyClock now)
    : options_(options),
      pattern_(options.path),
      reader_(reader),
      status_(status),
      now_(now),
      most_open_(most_open()) {
  if (options.from != LogOptions::From::checkpoint || place.empty()) return;
  if (auto saved = LogPlace::read(place, options.path)) restore(std::move(*saved));
}

void FileSet::look() {
  const std::vector<std::string> names = pattern_.names();
  problem_.clear();
  gone_ = false;
  read_error_ = 0;
  ignored_before_ = std::exchange(ignored_, {});
  for (const auto& followed : files_) followed->named = followed->stuck = false;
  if (!started_) start(names);
  std::vector<std::string> strangers;
  std::ranges::copy_if(names, std::back_inserter(strangers),
                       [this](const std::string& name) { return !leads_to_followed(name); });
  drop_copies();
  for (const std::string& name : strangers) look_at_stranger(name);
  // The newest first: a broker that has written to it no longer writes to the ones before.
  for (std::size_t i = files_.size(); i-- > 0;) {
    if (!files_[i]->fresh) look_at_file(*files_[i]);
  }
  for (std::size_t i = files_.size(); i-- > 0;) {
    if (std::exchange(files_[i]->unsure, false)) insert_unseen(*files_[i]);
  }
  for (std::size_t i = files_.size(); i-- > 0;) {
    if (files_[i]->fresh) insert_before_fresh(*files_[i]);
  }
  if (gone_) searched_.insert(pattern_.text());
  if (pattern_.is_glob()) search_missing(names);
  for (const std::string& name : std::exchange(searched_, {}))
    std::ranges::move(open_unseen(name, real_path(name)), std::back_inserter(files_));
  retire();
  limit_open();
}

void FileSet::look_at_file(Followed& followed) {
  LogFile& file = followed.file;
  if (!file.is_open()) return look_at_closed(followed);
  const std::uint64_t seen = file.size();
  switch (file.look()) {
    case LogFile::Look::rewritten:
      return rewritten(followed, seen);
    case LogFile::Look::failed:
      return read_failed(followed, errno);
    case LogFile::Look::same:
      break;
  }
  if (file.size() > seen) followed.grown = now_();
  if (file.size() > 0) followed.filled = std::min(followed.filled, now_());
  // An empty file has no bytes from which to see that it was filled, copied and truncated meanwhile.
  if (followed.empty_at && *followed.empty_at != file.facts().modified_ns) followed.unsure = true;
  followed.empty_at.reset();
  if (file.size() == 0) followed.empty_at = file.facts().modified_ns;
}

void FileSet::look_at_closed(Followed& followed) {
  auto facts = facts_of(followed.path);
  if (!facts && errno != ENOENT && errno != ENOTDIR) return;
  if (!facts || facts->identity != followed.file.identity()) {
    for (const RotatedFile& other : relatives(followed.name, followed.real)) {
      if (other.facts.identity == followed.file.identity()) {
        followed.path = other.path;
        facts = other.facts;
      }
    }
  }
  if (!facts || facts->identity != followed.file.identity()) {
    followed.vanished = true;
    return;
  }
  const FileFacts& seen = followed.file.facts();
  if (facts->size == seen.size && facts->modified_ns == seen.modified_ns) return;
  const std::uint64_t size = seen.size;
  if (auto reopened = followed.file.reopen(followed.path); !reopened) {
    ++status_.failures;
    problem_ = std::move(reopened.error().what);
    return;
  }
  if (followed.file.look() == LogFile::Look::rewritten) return rewritten(followed, size);
  log_decision("opens again", followed.file, followed.path);
  followed.grown = now_();
  followed.filled = std::min(followed.filled, now_());
  limit_open();
}

void FileSet::retire() {
  const Deadline now = now_();
  std::erase_if(files_, [&](const auto& followed) {
    if (!followed->vanished && !retired(*followed, now)) return false;
    if (followed.get() == current_) put_down();
    log_decision(followed->vanished ? "leaves the deleted file" : "leaves", followed->file, followed->path);
    status_.lost_bytes += followed->file.unread();
    const LogFile& file = followed->file;
    known_.add({file.identity(), file.print(), file.offset(), file.marker()});
    return true;
  });
}

bool FileSet::retired(const Followed& followed, Deadline now) const {
  if (followed.named || followed.file.has_unread()) return false;
  if (followed.file.is_gzip()) return true;
  const Followed* next = successor(followed);
  if (next != nullptr) return now - std::max(followed.grown, next->filled) >= kSilence;
  return pattern_.is_glob() && now - followed.grown >= kAbsence;
}

/// The next file of the same log that has bytes; null if there is none.
const FileSet::Followed* FileSet::successor(const Followed& followed) const {
  bool behind = false;
  for (const auto& other : files_) {
    if (behind && other->name == followed.name && other->filled != Deadline::max()) return other.get();
    behind = behind || other.get() == &followed;
  }
  return nullptr;
}

/// Closes what is least likely to be missed: what can be found again, is read, has a name and was silent
/// longest.
void FileSet::limit_open() {
  const auto is_open = [](const auto& followed) { return followed->file.is_open(); };
  auto open = static_cast<std::size_t>(std::ranges::count_if(files_, is_open));
  for (; open > most_open_; --open) {
    Followed* least = nullptr;
    const auto rank = [](const Followed& f) {
      return std::tuple(f.file.facts().links == 0, f.file.has_unread(), !f.named, f.grown);
    };
    for (const auto& followed : files_) {
      if (followed.get() == current_ || !is_open(followed) || followed->file.is_gzip()) continue;
      if (least == nullptr || rank(*followed) < rank(*least)) least = followed.get();
    }
    if (least == nullptr) break;
    log_decision("closes, for others to be open,", least->file, least->path);
    least->file.close();
  }
  status_.files_open = open;
}

bool FileSet::read() {
  for (;;) {
    Followed* followed = pick();
    const bool more = followed != nullptr;
    if (!more) followed = current_;  // it may have grown since the look
    if (followed == nullptr || followed->stuck) return false;
    LogFile& file = followed->file;
    if (!more && file.offset() == 0) return false;  // only a look tells what was here before
    if (followed != current_) {
      put_down();
      current_ = followed;
      reader_.start(file.marker());
    }
    if (!file.is_open() && !reopen(*followed)) continue;
    switch (file.read_into(reader_)) {
      case LogFile::Read::bytes:
        hole_bytes_ += file.take_hole_bytes();
        followed->grown = now_();
        followed->filled = std::min(followed->filled, followed->grown);
        return true;
      case LogFile::Read::end:
        if (file.is_damaged()) ++status_.read_errors;
        if (!more) return false;
        break;
      case LogFile::Read::rewritten:
        log_decision("finds other bytes before the offset in", file, followed->path);
        put_down();
        followed->stuck = true;  // the next look finds out what became of it
        return false;
      case LogFile::Read::failed:
        read_failed(*followed, errno);
        break;
    }
  }
}

/// The file to read from: the one that was read last, as long as it has bytes, then the next one behind it.
/// Null: none has bytes that were not read.
FileSet::Followed* FileSet::pick() {
  const auto ready = [](const auto& f) { return f->file.has_unread() && !f->stuck; };
  const auto last = std::ranges::find_if(files_, [&](const auto& f) { return f.get() == current_; });
  auto found = std::find_if(last, files_.end(), ready);
  if (found == files_.end()) found = std::find_if(files_.begin(), last, ready);
  if (found == files_.end() || !ready(*found)) return nullptr;
  const std::string& name = (*found)->name;
  return std::ranges::find_if(files_, [&](const auto& f) { return f->name == name && ready(f); })->get();
}

bool FileSet::reopen(Followed& followed) {
  auto reopened = followed.file.reopen(followed.path);
  if (!reopened) {
    followed.stuck = true;
    ++status_.failures;
    problem_ = std::move(reopened.error().what);
    return false;
  }
  limit_open();
  log_decision("opens again", followed.file, followed.path);
  if (followed.file.look() != LogFile::Look::rewritten) return true;
  followed.stuck = true;  // the next look handles it
  return false;
}

void FileSet::put_down() {
  if (current_ == nullptr) return;
  current_->file.leave(reader_);
  reader_.start();
  current_ = nullptr;
}

/// Another descriptor may do: the next look or read takes one.
void FileSet::read_failed(Followed& followed, int error) {
  if (&followed == current_) put_down();
  log_decision("cannot read", followed.file, followed.path);
  followed.file.close();
  followed.stuck = true;
  read_error_ = error;
  ++status_.read_errors;
}

std::unique_ptr<FileSet::Followed> FileSet::follow(LogFile file, const std::string& name,
                                                   const std::string& path, const std::string& real) const {
  const Deadline now = now_();
  const bool empty = file.size() == 0 && !file.is_gzip();
  const auto empty_at = empty ? std::optional(file.facts().modified_ns) : std::nullopt;
  return std::make_unique<Followed>(Followed{
      std::move(file), name, path, real, now, empty ? Deadline::max() : now, empty_at, {}, {}, {}, {}, {}});
}

}  // namespace mre
