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

/// Reads a capture file from start to end: pcap or pcapng, from a file (also one compressed by gzip) or a
/// pipe. Uses one buffer of 256 KiB, or the size of the longest frame.
///
/// Lost: everything after damage, which is an error; a last frame that is incomplete because the writer was
/// stopped, which `cut_off` reports.
class CaptureFile {
 public:
  /// "-" is standard input. Errors: unavailable, if the file cannot be opened.
  static Result<CaptureFile> open(const std::string& path);
  CaptureFile(Fd fd, std::string name);  ///< `name` is for error messages.

  /// Whether the file starts as captures do. Call it before the first `next`.
  bool is_capture();

  /// The next frame, valid until the next call; nothing at the end. Errors: io, with name and offset; do not
  /// call it again then.
  Result<std::optional<Frame>> next();

  /// Whether the file ended within a frame or a header.
  bool cut_off() const { return cut_off_; }
  std::uint64_t bytes_read() const { return offset_; }  ///< Including the last frame.

 private:
  Result<bool> fill(std::size_t needed);
  ssize_t read_more(std::span<char> space);
  void make_space(std::size_t needed);
  Error error(const std::string& what) const;

  Fd fd_;
  std::optional<GzipFile> compressed_;  // instead of fd_
  std::uint64_t decompressed_ = 0;      // bytes read from compressed_
  std::string name_;
  CaptureFormat format_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // [begin_, end_) was read from the file but not parsed yet
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // of begin_ in the file
  std::int64_t last_time_us_ = 0;
  bool cut_off_ = false;
};

}  // namespace mre
