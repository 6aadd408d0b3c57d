// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/followed_files.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <tuple>
#include <utility>

namespace mre {

namespace {

/// How long a file without a name is followed after its last byte. A broker that has to reopen its log needs
/// less time for it.
constexpr std::chrono::seconds kSilence{5};
/// The same for a file of a pattern whose log has no newer file.
constexpr std::chrono::minutes kSilenceWithoutSuccessor{5};
constexpr std::size_t kMaxOpenFiles = 64;

/// At most a quarter of the descriptors that the process may have.
std::size_t max_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMaxOpenFiles;
  return std::clamp<std::size_t>(limit.rlim_cur / 4, 4, kMaxOpenFiles);
}

}  // namespace

FollowedFiles::FollowedFiles(const LogOptions& options, bool is_glob, LineReader& reader,
                             SourceStatus& status, SteadyClock now)
    : log_(options.path),
      is_glob_(is_glob),
      reader_(reader),
      status_(status),
      now_(now),
      max_open_files_(max_open_files()) {}

bool FollowedFiles::contains(const FileIdentity& identity) const { return find(identity) != nullptr; }

FollowedFile* FollowedFiles::find(const FileIdentity& identity) const {
  const auto found =
      std::ranges::find_if(files_, [&](const auto& file) { return file->file.identity() == identity; });
  return found == files_.end() ? nullptr : found->get();
}

void FollowedFiles::append(std::unique_ptr<FollowedFile> file) {
  files_.push_back(std::move(file));
  limit_open_files();
}

void FollowedFiles::append(FollowedFileList files) { std::ranges::move(files, std::back_inserter(files_)); }

void FollowedFiles::insert_before(const FollowedFile& position, FollowedFileList files) {
  files_.insert(iterator_to(position), std::move_iterator(files.begin()), std::move_iterator(files.end()));
}

void FollowedFiles::insert_after(const FollowedFile& position, FollowedFileList files) {
  files_.insert(iterator_to(position) + 1, std::move_iterator(files.begin()),
                std::move_iterator(files.end()));
}

void FollowedFiles::move_to_end(const FollowedFile& file) {
  const auto at = iterator_to(file);
  std::rotate(at, at + 1, files_.end());
}

void FollowedFiles::erase(const FollowedFile& file) { files_.erase(iterator_to(file)); }

FollowedFileList::iterator FollowedFiles::iterator_to(const FollowedFile& file) {
  return std::ranges::find_if(files_, [&](const auto& other) { return other.get() == &file; });
}

void FollowedFiles::start_scan() {
  open_error_.clear();
  read_error_ = 0;
  for (const auto& file : files_) file->has_name = file->is_blocked = false;
}

bool FollowedFiles::read() {
  for (;;) {
    FollowedFile* followed = next_unread();
    const bool has_unread = followed != nullptr;
    if (!has_unread) followed = current_;  // it may have grown since the scan
    if (followed == nullptr || followed->is_blocked) return false;
    LogFile& file = followed->file;
    if (!has_unread && file.offset() == 0) return false;  // only a scan detects that its content was replaced
    if (followed != current_) {
      stop_reading();
      current_ = followed;
      reader_.start(file.marker());
    }
    if (!file.is_open() && !reopen(*followed)) continue;
    switch (file.read_into(reader_)) {
      case LogFile::Read::bytes:
        hole_bytes_ += file.take_hole_bytes();
        followed->last_growth = now_();
        followed->first_growth = std::min(followed->first_growth, followed->last_growth);
        return true;
      case LogFile::Read::end:
        if (file.is_damaged()) ++status_.read_errors;
        if (!has_unread) return false;
        break;
      case LogFile::Read::rewritten:
        log_decision(log_, "finds the bytes before the offset changed in", file, followed->path);
        stop_reading();
        followed->is_blocked = true;  // the next scan handles it
        return false;
      case LogFile::Read::failed:
        read_failed(*followed, errno);
        break;
    }
  }
}

/// The file to read from: the current one while it has unread bytes, then the next one after it. Of its log the
/// oldest file with unread bytes. Null: no file has any.
FollowedFile* FollowedFiles::next_unread() {
  const auto ready = [](const auto& file) { return file->file.has_unread() && !file->is_blocked; };
  const auto current = std::ranges::find_if(files_, [&](const auto& file) { return file.get() == current_; });
  auto found = std::find_if(current, files_.end(), ready);
  if (found == files_.end()) found = std::find_if(files_.begin(), current, ready);
  if (found == files_.end() || !ready(*found)) return nullptr;
  const std::string& name = (*found)->name;
  return std::ranges::find_if(files_, [&](const auto& file) { return file->name == name && ready(file); })
      ->get();
}

bool FollowedFiles::reopen(FollowedFile& followed) {
  if (auto reopened = followed.file.reopen(followed.path); !reopened) {
    followed.is_blocked = true;
    open_failed(std::move(reopened.error()));
    return false;
  }
  limit_open_files();
  log_decision(log_, "reopens", followed.file, followed.path);
  if (followed.file.check() != LogFile::Check::rewritten) return true;
  followed.is_blocked = true;  // the next scan handles it
  return false;
}

void FollowedFiles::stop_reading(const FollowedFile& file) {
  if (&file == current_) stop_reading();
}

void FollowedFiles::stop_reading() {
  if (current_ == nullptr) return;
  current_->file.give_back(reader_);
  reader_.start();
  current_ = nullptr;
}

void FollowedFiles::open_failed(Error error) {
  ++status_.failures;
  open_error_ = std::move(error.what);
}

/// Closes the file: the next scan or read opens it again, because a new descriptor may work.
void FollowedFiles::read_failed(FollowedFile& followed, int error) {
  stop_reading(followed);
  log_decision(log_, "cannot read", followed.file, followed.path);
  followed.file.close();
  followed.is_blocked = true;
  read_error_ = error;
  ++status_.read_errors;
}

void FollowedFiles::drop_finished(ProcessedFiles& processed) {
  const Deadline now = now_();
  std::vector<const FollowedFile*> finished;
  for (const auto& followed : files_) {
    if (followed->is_deleted || is_finished(*followed, now)) finished.push_back(followed.get());
  }
  for (const FollowedFile* followed : finished) {
    stop_reading(*followed);
    const LogFile& file = followed->file;
    log_decision(log_, followed->is_deleted ? "stops following the deleted file" : "stops following", file,
                 followed->path);
    status_.lost_bytes += file.unread();
    processed.add({file.identity(), file.position()});
    erase(*followed);
  }
}

bool FollowedFiles::is_finished(const FollowedFile& followed, Deadline now) const {
  if (followed.has_name || followed.file.has_unread()) return false;
  if (followed.file.is_gzip()) return true;
  const FollowedFile* next = successor(followed);
  if (next != nullptr) return now - std::max(followed.last_growth, next->first_growth) >= kSilence;
  return is_glob_ && now - followed.last_growth >= kSilenceWithoutSuccessor;
}

/// The next newer file of the same log that has had bytes; null if there is none.
const FollowedFile* FollowedFiles::successor(const FollowedFile& followed) const {
  bool is_newer = false;
  for (const auto& other : files_) {
    if (is_newer && other->name == followed.name && !other->never_grew()) return other.get();
    is_newer = is_newer || other.get() == &followed;
  }
  return nullptr;
}

void FollowedFiles::limit_open_files() {
  const auto is_open = [](const auto& followed) { return followed->file.is_open(); };
  // Files that can be found again come first, then those that are read, have a name, and were silent longest.
  const auto rank = [](const FollowedFile& followed) {
    const LogFile& file = followed.file;
    return std::tuple(file.metadata().links == 0, file.has_unread(), !followed.has_name,
                      followed.last_growth);
  };
  auto open = static_cast<std::size_t>(std::ranges::count_if(files_, is_open));
  for (; open > max_open_files_; --open) {
    FollowedFile* lowest = nullptr;
    for (const auto& followed : files_) {
      if (followed.get() == current_ || !is_open(followed) || followed->file.is_gzip()) continue;
      if (lowest == nullptr || rank(*followed) < rank(*lowest)) lowest = followed.get();
    }
    if (lowest == nullptr) break;
    log_decision(log_, "closes, to limit open files,", lowest->file, lowest->path);
    lowest->file.close();
  }
  status_.files_open = open;
}

std::uint64_t FollowedFiles::unread() const {
  std::uint64_t bytes = 0;
  for (const auto& followed : files_) bytes += followed->file.unread();
  return bytes;
}

std::vector<SavedFile> FollowedFiles::saved() const {
  std::vector<SavedFile> files;
  files.reserve(files_.size());
  for (const auto& followed : files_) {
    const LogFile& file = followed->file;
    SavedFile saved{file.identity(), file.position(), file.size(),         file.metadata().modified_ns,
                    followed->name,  followed->path,  followed->real_path, file.is_gzip()};
    if (followed.get() == current_) {
      saved.position.offset -= reader_.pending();
      saved.position.marker = reader_.before_pending();
    }
    files.push_back(std::move(saved));
  }
  return files;
}

}  // namespace mre
