#include "exporter/source/log_file.h"

#include <fcntl.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace mre {

namespace {

/// How many bytes before the offset tell a file from what was written over it: less than most log lines, but
/// with the time stamp of the next ones.
constexpr std::size_t kMarkerBytes = 64;

std::string user_name(uid_t uid) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return "uid " + std::to_string(uid);
}

std::string explain_access(const std::string& path) {
  const std::string self = "this process runs as uid " + std::to_string(::geteuid());
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0) {
    return " (" + self +
           "): it may not enter one of the directories; allow it with group membership or setfacl -m u:" +
           std::to_string(::geteuid()) + ":x DIRECTORY";
  }
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(st.st_mode & 07777));
  return " (owner " + user_name(st.st_uid) + ", mode " + mode.data() + "; " + self +
         "): run it as the owner, or let the broker's log be readable for a group that it is in, or setfacl "
         "-m u:" +
         std::to_string(::geteuid()) + ":r FILE, also after each rotation";
}

/// ENOENT and its like ask for patience, all else for a change by the operator.
tl::unexpected<Error> open_failure(const std::string& path, int error) {
  const bool missing = error == ENOENT || error == ENOTDIR;
  return fail(missing ? Errc::unavailable : Errc::io, explain_open_failure(path, error));
}

std::string_view explain_kind(mode_t mode) {
  if (S_ISDIR(mode)) return "it is a directory: give the path of a log file";
  if (S_ISFIFO(mode))
    return "it is a FIFO, which must be there at the start, readable and writable for this process";
  return "it is no regular file: give the path of a log file";
}

}  // namespace

std::string explain_open_failure(const std::string& path, int error) {
  const std::string why = std::generic_category().message(error);
  switch (error) {
    case EACCES:
    case EPERM:
      return why + explain_access(path);
    case ENOENT:
    case ENOTDIR:
      return why +
             ": it is read from its beginning when it appears; check the path and that the broker logs to it";
    case EMFILE:
    case ENFILE:
      return why + ": raise the limit of open files";
    default:
      return why;
  }
}

Result<LogFile> LogFile::open(const std::string& path) {
  struct stat st{};
  // The kind is asked before opening: to open a device or a FIFO can do something.
  if (::stat(path.c_str(), &st) != 0) return open_failure(path, errno);
  if (!S_ISREG(st.st_mode)) return fail(Errc::io, std::string(explain_kind(st.st_mode)));
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd || ::fstat(fd.get(), &st) != 0) return open_failure(path, errno);
  if (!S_ISREG(st.st_mode)) return fail(Errc::io, std::string(explain_kind(st.st_mode)));
  return LogFile(std::move(fd), st);
}

LogFile::LogFile(Fd fd, const struct stat& st)
    : fd_(std::move(fd)), id_(st), size_(static_cast<std::uint64_t>(st.st_size)) {}

void LogFile::seek_line_start(std::uint64_t end, std::size_t max_line_bytes) {
  // If no newline is near, the line is too long or the file's first: begun there, the first is still seen as
  // too long.
  std::vector<char> before(std::min<std::uint64_t>(end, max_line_bytes + 2));
  offset_ = end - before.size();
  const ssize_t bytes = ::pread(fd_.get(), before.data(), before.size(), static_cast<off_t>(offset_));
  const std::string_view text(before.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  const std::size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
  offset_ += line;
  remember(text.substr(0, line));
}

ssize_t LogFile::read_into(LineReader& reader) {
  const std::span<char> space = reader.space();
  ssize_t bytes = 0;
  do {
    bytes = ::pread(fd_.get(), space.data(), space.size(), static_cast<off_t>(offset_));
  } while (bytes < 0 && errno == EINTR);
  if (bytes <= 0) return bytes;
  const auto count = static_cast<std::size_t>(bytes);
  reader.add(count);
  remember({space.data(), count});
  offset_ += count;
  size_ = std::max(size_, offset_);
  return bytes;
}

bool LogFile::refresh_rewritten() {
  struct stat st{};
  if (::fstat(fd_.get(), &st) != 0) return false;
  size_ = static_cast<std::uint64_t>(st.st_size);
  return size_ < offset_ || !marker_stands();
}

std::string LogFile::last_lines(std::size_t bytes) const {
  std::string text(std::min<std::uint64_t>(size_, bytes), '\0');
  const std::uint64_t from = size_ - text.size();
  const ssize_t got = ::pread(fd_.get(), text.data(), text.size(), static_cast<off_t>(from));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  text.resize(text.rfind('\n') + 1);                 // npos + 1 is 0
  if (from > 0) text.erase(0, text.find('\n') + 1);  // it may begin inside a line
  return text;
}

void LogFile::restart() {
  offset_ = 0;
  marker_.clear();
}

void LogFile::remember(std::string_view bytes) {
  if (bytes.size() > kMarkerBytes) bytes.remove_prefix(bytes.size() - kMarkerBytes);
  marker_.append(bytes);
  if (marker_.size() > kMarkerBytes) marker_.erase(0, marker_.size() - kMarkerBytes);
}

/// A read that fails tells nothing about the bytes.
bool LogFile::marker_stands() const {
  std::array<char, kMarkerBytes> bytes;
  const auto from = static_cast<off_t>(offset_ - marker_.size());
  const ssize_t got = ::pread(fd_.get(), bytes.data(), marker_.size(), from);
  return got < 0 || std::string_view(bytes.data(), static_cast<std::size_t>(got)) == marker_;
}

}  // namespace mre
