// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/file/capture_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::size_t kBuffer = 256U << 10U;

}  // namespace

Result<CaptureFile> CaptureFile::open(const std::string& path) {
  Fd fd(path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) {
    return fail(Errc::unavailable,
                "cannot open the capture " + printable(path) + ": " + std::strerror(errno));
  }
  if (path == "-" || !is_gzip(fd)) {
    return CaptureFile(std::move(fd), path == "-" ? "standard input" : path);
  }
  CaptureFile file(Fd(), path);
  file.compressed_.emplace(std::move(fd));
  return file;
}

CaptureFile::CaptureFile(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {
  make_space(kBuffer);
}

bool CaptureFile::is_capture() {
  const Result<bool> filled = fill(CaptureFormat::kMagicBytes);
  return filled && *filled && CaptureFormat::is_capture({buffer_.get() + begin_, end_ - begin_});
}

Result<std::optional<Frame>> CaptureFile::next() {
  using Kind = CaptureFormat::Step::Kind;
  for (;;) {
    CaptureFormat::Step step = format_.next({buffer_.get() + begin_, end_ - begin_});
    if (step.kind == Kind::error) return tl::make_unexpected(error(format_.error()));
    if (step.kind == Kind::more) {
      const Result<bool> filled = fill(step.bytes);
      if (!filled) return tl::make_unexpected(filled.error());
      if (*filled) continue;
      cut_off_ = begin_ != end_ || (compressed_ && compressed_->damaged());
      return std::nullopt;
    }
    begin_ += step.bytes;
    offset_ += step.bytes;
    if (step.kind == Kind::skipped) continue;
    if (step.frame.time_us == 0) step.frame.time_us = last_time_us_;  // the frame has no time
    last_time_us_ = step.frame.time_us;
    return step.frame;
  }
}

/// Reads until `needed` bytes are in the buffer. Returns false if the file ends first.
Result<bool> CaptureFile::fill(std::size_t needed) {
  make_space(needed);
  while (end_ - begin_ < needed) {
    const ssize_t count = read_more({buffer_.get() + end_, capacity_ - end_});
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::make_unexpected(error(std::string("read failed: ") + std::strerror(errno)));
    if (count == 0) return false;
    end_ += static_cast<std::size_t>(count);
  }
  return true;
}

ssize_t CaptureFile::read_more(std::span<char> space) {
  if (!compressed_) return ::read(fd_.get(), space.data(), space.size());
  const ssize_t count = compressed_->read_at(space, decompressed_);
  if (count > 0) decompressed_ += static_cast<std::uint64_t>(count);
  return count;
}

/// Moves the unparsed bytes to the front of a buffer of at least `needed` bytes.
void CaptureFile::make_space(std::size_t needed) {
  if (needed <= capacity_) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  } else {
    auto buffer = std::make_unique_for_overwrite<char[]>(needed);
    std::copy_n(buffer_.get() + begin_, end_ - begin_, buffer.get());
    buffer_ = std::move(buffer);
    capacity_ = needed;
  }
  end_ -= begin_;
  begin_ = 0;
}

Error CaptureFile::error(const std::string& what) const {
  return {Errc::io, printable(name_) + ": at byte " + std::to_string(offset_) + ": " + what};
}

}  // namespace mre
