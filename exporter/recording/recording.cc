// SPDX-License-Identifier: Apache-2.0
#include "exporter/recording/recording.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "exporter/base/poll.h"
#include "exporter/base/text.h"
#include "exporter/input/read_budget.h"

namespace mre {
namespace {

constexpr std::size_t kPeekBytes = 64 * 1024;
/// Time limit of one wait: without an eventfd an interrupt does not end it.
constexpr auto kMaxWait = std::chrono::milliseconds(200);

tl::unexpected<Error> cannot_read(const std::string& name, int error) {
  return fail(Errc::unavailable, printable(name, 4096) + ": " + std::generic_category().message(error));
}

}  // namespace

Result<std::unique_ptr<Recording>> Recording::open(const std::vector<std::string>& files) {
  std::unique_ptr<Recording> recording(new Recording());
  for (const std::string& path : files) {
    if (auto opened = recording->open_file(path); !opened) return tl::make_unexpected(opened.error());
  }
  if (!recording->sizes_known_) recording->bytes_total_ = 0;
  return recording;
}

Result<void> Recording::open_file(const std::string& path) {
  const bool standard_input = path == "-";
  Fd fd(standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                       : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return cannot_read(path, errno);
  struct stat st{};
  if (::fstat(fd.get(), &st) != 0) return cannot_read(path, errno);
  if (S_ISDIR(st.st_mode)) return cannot_read(path, EISDIR);
  File file{standard_input ? "standard input" : path, std::move(fd)};
  sizes_known_ = sizes_known_ && S_ISREG(st.st_mode) && !is_gzip(file.fd);
  if (S_ISREG(st.st_mode)) {
    bytes_total_ += static_cast<std::uint64_t>(st.st_size);
    if (is_gzip(file.fd)) file.gzip.emplace(std::move(file.fd));
  }
  files_.push_back(std::move(file));
  return {};
}

SourceKind Recording::detect(const std::function<bool(std::string_view)>& is_log_line) {
  const auto first_line = [this]() -> std::optional<std::string_view> {
    const auto begin = peeked_.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    const auto end = peeked_.find('\n', begin);
    if (end == std::string::npos) return {};
    return std::string_view(peeked_).substr(begin, end - begin);
  };
  std::string chunk(kPeekBytes, '\0');
  while (!first_line() && peeked_.size() < kPeekBytes) {
    const auto bytes = read_into(std::span(chunk).first(kPeekBytes - peeked_.size()));
    if (!bytes || *bytes == 0) break;  // `next` will get the same error and return it
    peeked_.append(chunk, 0, *bytes);
  }
  const std::string_view line = first_line().value_or(peeked_);
  const bool is_message = event_line_.read(line) && event_line_.has_payload();
  return is_message && !(is_log_line && is_log_line(line)) ? SourceKind::mqtt : SourceKind::log;
}

void Recording::read_as(SourceKind kind, std::size_t max_line_bytes) {
  kind_ = kind;
  reader_.emplace(max_line_bytes);
  status_.up = true;
}

Result<std::optional<Record>> Recording::next(Deadline deadline) {
  ReadBudget budget(deadline, interrupt_);
  status_.unread = false;
  for (bool first = true;; first = false) {
    while (const auto line = reader_->next()) {
      if (auto record = record_of(*line)) return record;
    }
    status_.unread = !first && !files_.empty() && budget.is_exhausted();
    if (status_.unread) return std::nullopt;
    if (files_.empty()) return fail(Errc::end_of_stream, "all files are read");
    const auto filled = fill(deadline);
    if (!filled) return tl::make_unexpected(filled.error());
    if (*filled == Fill::nothing) return std::nullopt;
    if (*filled == Fill::bytes) continue;
    files_.pop_front();
    if (const auto line = reader_->finish()) {
      if (auto record = record_of(*line)) return record;
    }
  }
}

Result<Recording::Fill> Recording::fill(Deadline deadline) {
  const std::span<char> space = reader_->space();
  if (!peeked_.empty()) {
    const std::size_t bytes = std::min(space.size(), peeked_.size());
    std::memcpy(space.data(), peeked_.data(), bytes);
    peeked_.erase(0, bytes);
    reader_->add(bytes);
    return Fill::bytes;
  }
  while (!files_.front().gzip) {
    pollfd fds[] = {{files_.front().fd.get(), POLLIN, 0}, {interrupt_.fd(), POLLIN, 0}};
    poll_until(fds, std::min(deadline, std::chrono::steady_clock::now() + kMaxWait));
    if (fds[0].revents != 0) break;
    if (std::chrono::steady_clock::now() >= deadline || interrupt_.take()) return Fill::nothing;
  }
  const auto bytes = read_into(space);
  if (!bytes) return tl::make_unexpected(bytes.error());
  reader_->add(*bytes);
  return *bytes == 0 ? Fill::end : Fill::bytes;
}

/// Reads from the first file, possibly waiting; 0 at its end.
Result<std::size_t> Recording::read_into(std::span<char> space) {
  File& file = files_.front();
  if (file.gzip) return unpack_into(file, space);
  for (;;) {
    const ssize_t bytes = ::read(file.fd.get(), space.data(), space.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return cannot_read(file.name, errno);
    bytes_read_ += static_cast<std::uint64_t>(bytes);
    return static_cast<std::size_t>(bytes);
  }
}

Result<std::size_t> Recording::unpack_into(File& file, std::span<char> space) {
  ssize_t bytes = 0;
  do {
    bytes = file.gzip->read_at(space, file.unpacked);
  } while (bytes == 0 && !file.gzip->ended());
  if (bytes < 0) return cannot_read(file.name, errno);
  if (bytes == 0 && file.gzip->damaged()) {
    return fail(Errc::unavailable,
                printable(file.name, 4096) + ": the gzip data are incomplete or damaged after " +
                    std::to_string(file.unpacked) +
                    " uncompressed bytes: copy the file again, or unpack the readable part with zcat");
  }
  file.unpacked += static_cast<std::uint64_t>(bytes);
  bytes_read_ += static_cast<std::uint64_t>(bytes);
  return static_cast<std::size_t>(bytes);
}

LineBlock Recording::lines() { return kind_ == SourceKind::log ? reader_->lines() : LineBlock{}; }

/// Nothing if it is an empty line, or not a recorded message.
std::optional<Record> Recording::record_of(std::string_view line) {
  if (kind_ == SourceKind::log) return Record{line, {}};
  if (line.find_first_not_of(" \t") == std::string_view::npos) return {};
  auto record = event_line_.read(line);
  if (!record) ++status_.records_malformed;
  return record;
}

const SourceStatus& Recording::status() {
  status_.records_oversized = reader_->oversized();
  status_.lag_bytes = bytes_total_ > bytes_read_ ? bytes_total_ - bytes_read_ : 0;
  status_.state = files_.empty() ? "all files are read" : "reading " + printable(files_.front().name, 1024);
  return status_;
}

}  // namespace mre
