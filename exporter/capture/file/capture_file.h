// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"
#include "exporter/base/gzip_file.h"
#include "exporter/capture/file/capture_format.h"

namespace mre {

/// Reads a recording of frames from front to back, pcap or pcapng, from a file (also one that gzip packed) or
/// a pipe. Memory is one buffer of 256 KiB, or what the longest frame takes.
///
/// Lost: what is behind a damaged place, which is an error; a last frame that is cut off, as it is when the
/// writer was stopped: `cut_off` says so.
class CaptureFile {
 public:
  /// "-" is standard input. Errors: unavailable, for a file that cannot be opened.
  static Result<CaptureFile> open(const std::string& path);
  CaptureFile(Fd fd, std::string name);  ///< `name` is for errors.

  /// Whether it is one, before the first `next`.
  bool is_capture();

  /// The next frame, valid until the next call; nothing at the end. Errors: io, with name and offset; then
  /// there is nothing more to read.
  Result<std::optional<Frame>> next();

  /// The file ended within a frame or a header.
  bool cut_off() const { return cut_off_; }
  std::uint64_t bytes_read() const { return offset_; }  ///< Up to the end of the last frame.

 private:
  Result<bool> fill(std::size_t needed);
  ssize_t read_more(std::span<char> space);
  void make_space(std::size_t needed);
  Error error(const std::string& what) const;

  Fd fd_;
  std::optional<GzipFile> packed_;  // instead
  std::uint64_t unpacked_ = 0;      // bytes of it that were read
  std::string name_;
  CaptureFormat format_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // what was read from the file and not yet taken apart is [begin_, end_)
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // of begin_ in the recording
  std::int64_t last_time_us_ = 0;
  bool cut_off_ = false;
};

}  // namespace mre
