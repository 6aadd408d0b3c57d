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

/// Shorter than most log lines, but it covers a time stamp, by which the content differs from what another
/// process may have written over it.
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

LogFile::LogFile(OpenLog log, bool gzip) : metadata_(log.metadata) {
  if (gzip) {
    gzip_.emplace(std::move(log.fd));
    metadata_.size = 0;  // the uncompressed size is not known
  } else {
    fd_ = std::move(log.fd);
  }
  update_head();
}

/// Like pread(2), but fills `out` unless the file ends first.
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
  // Without a newline in this range the line is longer than the limit or the file's first line. Reading from
  // here still shows that it is too long.
  std::vector<char> before(std::min<std::uint64_t>(end, max_line_bytes + 2));
  offset_ = end - before.size();
  const ssize_t bytes = read_at(before.data(), before.size(), offset_);
  const std::string_view text(before.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  const std::size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
  offset_ += line;
  scanned_ = offset_;
  marker_.clear();
  append_to_marker(text.substr(0, line));
}

LogFile::Match LogFile::match(const ContentPosition& position) {
  const Fingerprint& fingerprint = position.fingerprint;
  if (!fingerprint.matches(head_)) return fingerprint.extends(head_) ? Match::prefix : Match::none;
  const std::string here = marker_at(position.offset);
  if (here.ends_with(position.marker)) return Match::full;
  return here.size() < position.marker.size() ? Match::prefix : Match::none;
}

bool LogFile::resume(const ContentPosition& position) {
  const auto& [fingerprint, offset, marker] = position;
  if (fingerprint.bytes > 0 && !fingerprint.matches(head_)) return false;
  if (!marker_at(offset).ends_with(marker) || (!gzip_ && metadata_.size < offset)) return false;
  marker_ = marker;
  scanned_ = offset_ = offset;
  return true;
}

bool LogFile::is_beginning_of(LogFile& other) {
  return size() > 0 && size() <= other.size() && other.head_.starts_with(head_) &&
         marker_at(size()) == other.marker_at(size());
}

std::string LogFile::marker_at(std::uint64_t offset) {
  std::string bytes(std::min<std::uint64_t>(offset, kMarkerBytes), '\0');
  const ssize_t got = read_at(bytes.data(), bytes.size(), offset - bytes.size());
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

LogFile::Read LogFile::read_into(LineReader& reader) {
  if (gzip_) return read_gzip_into(reader);
  if (reader.pending() == 0 && (offset_ == 0 || is_all_nul(marker_))) {
    skip_hole();
    reader.start(marker_);
  }
  const auto space = reader.space();
  std::array<char, kMarkerBytes> marker;
  const std::array<iovec, 2> parts{{{marker.data(), marker_.size()}, {space.data(), space.size()}}};
  ssize_t got = 0;
  do {
    got = ::preadv(fd_.get(), parts.data(), 2, static_cast<off_t>(offset_ - marker_.size()));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return Read::failed;
  if (static_cast<std::size_t>(got) < marker_.size() || !marker_.starts_with({marker.data(), marker_.size()}))
    return Read::rewritten;
  const auto bytes = static_cast<std::size_t>(got) - marker_.size();
  if (offset_ < head_.size()) {
    const std::string_view expected = std::string_view(head_).substr(offset_, space.size());
    if (!std::string_view(space.data(), bytes).starts_with(expected)) return Read::rewritten;
  }
  metadata_.size = bytes == 0 ? offset_ : std::max(metadata_.size, offset_ + bytes);
  reader.add(bytes);
  append_to_marker({space.data(), bytes});
  scanned_ = offset_ += bytes;
  return bytes == 0 ? Read::end : Read::bytes;
}

LogFile::Read LogFile::read_gzip_into(LineReader& reader) {
  const auto space = reader.space();
  const ssize_t got = gzip_->read_at(space, offset_);
  gzip_ended_ = got < 0 || (got == 0 && gzip_->ended());
  if (got < 0) return Read::failed;
  if (gzip_ended_) return Read::end;
  const auto bytes = static_cast<std::size_t>(got);
  reader.add(bytes);
  append_to_marker({space.data(), bytes});
  scanned_ = offset_ += bytes;
  metadata_.size = std::max(metadata_.size, offset_);
  return Read::bytes;
}

/// Moves the offset over a hole, to the next written bytes or to the end.
void LogFile::skip_hole() {
  const off_t from = static_cast<off_t>(offset_);
  off_t data = ::lseek(fd_.get(), from, SEEK_DATA);
  if (data < 0) data = errno == ENXIO ? ::lseek(fd_.get(), 0, SEEK_END) : from;
  if (data <= from) return;
  hole_bytes_ += static_cast<std::uint64_t>(data - from);
  scanned_ = offset_ = static_cast<std::uint64_t>(data);
  marker_.assign(std::min<std::uint64_t>(offset_, kMarkerBytes), '\0');
}

void LogFile::give_back(const LineReader& reader) {
  offset_ -= reader.pending();
  marker_ = reader.before_pending();
}

LogFile::Check LogFile::check() {
  if (gzip_ || !fd_) return Check::unchanged;
  const auto metadata = metadata_of(fd_.get());
  if (!metadata) return Check::failed;
  metadata_ = *metadata;
  if (metadata_.size < offset_ || metadata_.size < head_.size()) return Check::rewritten;
  return update_head() && marker_is_unchanged() ? Check::unchanged : Check::rewritten;
}

/// Whether the first bytes are unchanged; if they are, the head grows with the file, up to
/// Fingerprint::kMaxBytes. A failed read shows no change.
bool LogFile::update_head() {
  std::array<char, Fingerprint::kMaxBytes> bytes;
  const ssize_t got = read_at(bytes.data(), bytes.size(), 0);
  if (got < 0) return true;
  const std::string_view now(bytes.data(), static_cast<std::size_t>(got));
  if (!now.starts_with(head_)) return false;
  head_ = now;
  return true;
}

bool LogFile::marker_is_unchanged() {
  std::array<char, kMarkerBytes> bytes;
  const ssize_t got = read_at(bytes.data(), marker_.size(), offset_ - marker_.size());
  return got < 0 || std::string_view(bytes.data(), static_cast<std::size_t>(got)) == marker_;
}

void LogFile::restart() {
  offset_ = scanned_ = 0;
  marker_.clear();
  head_.clear();
  if (const auto metadata = metadata_of(fd_.get())) metadata_ = *metadata;
  update_head();
}

void LogFile::close() { fd_ = Fd(); }

Result<void> LogFile::reopen(const std::string& path) {
  auto opened = open_log(path);
  if (!opened) return tl::make_unexpected(std::move(opened.error()));
  if (opened->metadata.identity != metadata_.identity)
    return fail(Errc::unavailable, "another file has its name now");
  fd_ = std::move(opened->fd);
  metadata_ = opened->metadata;
  return {};
}

std::string LogFile::last_lines(std::size_t bytes) const {
  std::string text(std::min<std::uint64_t>(size(), bytes), '\0');
  const std::uint64_t from = size() - text.size();
  const ssize_t got = ::pread(fd_.get(), text.data(), text.size(), static_cast<off_t>(from));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  text.resize(text.rfind('\n') + 1);                 // npos + 1 is 0
  if (from > 0) text.erase(0, text.find('\n') + 1);  // it may start inside a line
  return text;
}

void LogFile::append_to_marker(std::string_view bytes) {
  if (bytes.size() > kMarkerBytes) bytes.remove_prefix(bytes.size() - kMarkerBytes);
  marker_.append(bytes);
  if (marker_.size() > kMarkerBytes) marker_.erase(0, marker_.size() - kMarkerBytes);
}

}  // namespace mre
