// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/log_file.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace mre {

namespace {

/// How many bytes before the offset tell a file from what was written over it: less than most log lines, but
/// with the time stamp of the next ones.
constexpr std::size_t kMarkerBytes = LineReader::kBeforeBytes;

bool is_all_nul(std::string_view bytes) {
  return !bytes.empty() && bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

Result<LogFile> LogFile::open(const std::string& path, bool gzip) {
  auto opened = open_log(path);
  if (!opened) return tl::make_unexpected(std::move(opened.error()));
  return LogFile(std::move(*opened), gzip);
}

LogFile::LogFile(OpenLog log, bool gzip) : facts_(log.facts) {
  if (gzip) {
    gzip_.emplace(std::move(log.fd));
    facts_.size = 0;  // that of the uncompressed bytes: not known
  } else {
    fd_ = std::move(log.fd);
  }
  check_head();
}

/// Like pread(2), but it fills `out` unless it comes to the end.
ssize_t LogFile::read_at(char* out, std::size_t bytes, std::uint64_t offset) {
  if (gzip_) return gzip_->read_at({out, bytes}, offset);
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got = ::pread(fd_.get(), out + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return got;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

void LogFile::seek_line_start(std::uint64_t end, std::size_t max_line_bytes) {
  // If no newline is near, the line is too long or the file's first: begun there, the first is still seen as
  // too long.
  std::vector<char> before(std::min<std::uint64_t>(end, max_line_bytes + 2));
  offset_ = end - before.size();
  const ssize_t bytes = read_at(before.data(), before.size(), offset_);
  const std::string_view text(before.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  const std::size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
  offset_ += line;
  scanned_ = offset_;
  marker_.clear();
  remember(text.substr(0, line));
}

LogFile::Kinship LogFile::kinship(const Fingerprint& print, std::uint64_t offset, std::string_view marker) {
  if (!print.fits(head_)) return print.goes_beyond(head_) ? Kinship::shorter : Kinship::none;
  const std::string here = before(offset);
  if (here.ends_with(marker)) return Kinship::same;
  return here.size() < marker.size() ? Kinship::shorter : Kinship::none;
}

bool LogFile::resume(const Fingerprint& print, std::uint64_t offset, std::string_view marker) {
  if (print.bytes > 0 && !print.fits(head_)) return false;
  if (!before(offset).ends_with(marker) || (!gzip_ && facts_.size < offset)) return false;
  marker_ = marker;
  scanned_ = offset_ = offset;
  return true;
}

bool LogFile::is_beginning_of(LogFile& other) {
  return size() > 0 && size() <= other.size() && other.head_.starts_with(head_) &&
         before(size()) == other.before(size());
}

std::string LogFile::before(std::uint64_t offset) {
  std::string bytes(std::min<std::uint64_t>(offset, kMarkerBytes), '\0');
  const ssize_t got = read_at(bytes.data(), bytes.size(), offset - bytes.size());
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

LogFile::Read LogFile::read_into(LineReader& reader) {
  if (gzip_) {
    const auto space = reader.space();
    const ssize_t bytes = gzip_->read_at(space, offset_);
    gzip_ended_ = bytes < 0 || (bytes == 0 && gzip_->ended());
    if (gzip_ended_) return bytes < 0 ? Read::failed : Read::end;
    reader.add(static_cast<std::size_t>(bytes));
    remember({space.data(), static_cast<std::size_t>(bytes)});
    scanned_ = offset_ += static_cast<std::uint64_t>(bytes);
    facts_.size = std::max(facts_.size, offset_);
    return Read::bytes;
  }
  if (reader.pending() == 0 && (offset_ == 0 || is_all_nul(marker_))) {
    pass_hole();
    reader.start(marker_);
  }
  const auto space = reader.space();
  std::array<char, kMarkerBytes> before;
  const std::array<iovec, 2> pieces{{{before.data(), marker_.size()}, {space.data(), space.size()}}};
  ssize_t got = 0;
  do {
    got = ::preadv(fd_.get(), pieces.data(), 2, static_cast<off_t>(offset_ - marker_.size()));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return Read::failed;
  if (static_cast<std::size_t>(got) < marker_.size() || !marker_.starts_with({before.data(), marker_.size()}))
    return Read::rewritten;
  const auto bytes = static_cast<std::size_t>(got) - marker_.size();
  if (offset_ < head_.size()) {
    const std::string_view seen = std::string_view(head_).substr(offset_, space.size());
    if (!std::string_view(space.data(), bytes).starts_with(seen)) return Read::rewritten;
  }
  facts_.size = bytes == 0 ? offset_ : std::max(facts_.size, offset_ + bytes);
  reader.add(bytes);
  remember({space.data(), bytes});
  scanned_ = offset_ += bytes;
  return bytes == 0 ? Read::end : Read::bytes;
}

/// To the next bytes that somebody wrote, or the end.
void LogFile::pass_hole() {
  const off_t from = static_cast<off_t>(offset_);
  off_t data = ::lseek(fd_.get(), from, SEEK_DATA);
  if (data < 0) data = errno == ENXIO ? ::lseek(fd_.get(), 0, SEEK_END) : from;
  if (data <= from) return;
  hole_bytes_ += static_cast<std::uint64_t>(data - from);
  scanned_ = offset_ = static_cast<std::uint64_t>(data);
  marker_.assign(std::min<std::uint64_t>(offset_, kMarkerBytes), '\0');
}

void LogFile::leave(const LineReader& reader) {
  offset_ -= reader.pending();
  marker_ = reader.before_pending();
}

LogFile::Look LogFile::look() {
  if (gzip_ || !fd_) return Look::same;
  const auto facts = facts_of(fd_.get());
  if (!facts) return Look::failed;
  facts_ = *facts;
  if (facts_.size < offset_ || facts_.size < head_.size()) return Look::rewritten;
  return check_head() && check_marker() ? Look::same : Look::rewritten;
}

/// Whether the first bytes are still those that were seen. Takes more of them, up to kMostBytes. A read that
/// fails tells nothing about the bytes.
bool LogFile::check_head() {
  std::array<char, Fingerprint::kMostBytes> bytes;
  const ssize_t got = read_at(bytes.data(), bytes.size(), 0);
  if (got < 0) return true;
  const std::string_view now(bytes.data(), static_cast<std::size_t>(got));
  if (!now.starts_with(head_)) return false;
  head_ = now;
  return true;
}

bool LogFile::check_marker() {
  std::array<char, kMarkerBytes> bytes;
  const ssize_t got = read_at(bytes.data(), marker_.size(), offset_ - marker_.size());
  return got < 0 || std::string_view(bytes.data(), static_cast<std::size_t>(got)) == marker_;
}

void LogFile::restart() {
  offset_ = scanned_ = 0;
  marker_.clear();
  head_.clear();
  if (const auto facts = facts_of(fd_.get())) facts_ = *facts;
  check_head();
}

void LogFile::close() { fd_ = Fd(); }

Result<void> LogFile::reopen(const std::string& path) {
  auto opened = open_log(path);
  if (!opened) return tl::make_unexpected(std::move(opened.error()));
  if (opened->facts.identity != facts_.identity) return fail(Errc::unavailable, "it is no longer there");
  fd_ = std::move(opened->fd);
  facts_ = opened->facts;
  return {};
}

std::string LogFile::last_lines(std::size_t bytes) const {
  std::string text(std::min<std::uint64_t>(size(), bytes), '\0');
  const std::uint64_t from = size() - text.size();
  const ssize_t got = ::pread(fd_.get(), text.data(), text.size(), static_cast<off_t>(from));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  text.resize(text.rfind('\n') + 1);                 // npos + 1 is 0
  if (from > 0) text.erase(0, text.find('\n') + 1);  // it may begin inside a line
  return text;
}

void LogFile::remember(std::string_view bytes) {
  if (bytes.size() > kMarkerBytes) bytes.remove_prefix(bytes.size() - kMarkerBytes);
  marker_.append(bytes);
  if (marker_.size() > kMarkerBytes) marker_.erase(0, marker_.size() - kMarkerBytes);
}

}  // namespace mre
