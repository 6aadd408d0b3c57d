// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/base/fd.h"
#include "exporter/base/gzip_file.h"
#include "exporter/base/interrupt.h"
#include "exporter/event/source_kind.h"
#include "exporter/input/line_reader.h"
#include "exporter/input/source.h"
#include "exporter/recording/event_line.h"

namespace mre {

/// Reads recorded files of a broker once: logs (kind log), or recorded messages, one JSON object per line (kind
/// mqtt; see EventLine). A last line without a line end is a line. Files that gzip(1) packed are unpacked while
/// they are read, whatever their names are.
///
/// Lost: lines longer than the limit, counted in `records_oversized`; lines that are not a recorded message,
/// counted in `records_malformed`. Empty lines between messages are ignored.
class Recording final : public Source {
 public:
  /// Opens the files, at least one, in the order in which they are read; "-" is standard input.
  /// Errors: unavailable if a file cannot be read; the text starts with its path.
  static Result<std::unique_ptr<Recording>> open(const std::vector<std::string>& files);

  /// The kind of the first file: messages if its first non-empty line is a message with a payload and
  /// `is_log_line` returns false for it. Call it before `read_as`. May wait for standard input.
  SourceKind detect(const std::function<bool(std::string_view line)>& is_log_line = {});

  /// Sets the kind of the files. Call it once, before `next`.
  void read_as(SourceKind kind, std::size_t max_line_bytes);

  Result<std::optional<Record>> next(Deadline deadline) override;
  LineBlock lines() override;
  void consume(std::size_t bytes) override { reader_->consume(bytes); }
  void interrupt() override { interrupt_.raise(); }
  bool save(ByteWriter&) override { return true; }
  const SourceStatus& status() override;

  std::uint64_t bytes_read() const { return bytes_read_; }
  /// 0 if the size of a file is unknown.
  std::uint64_t bytes_total() const { return bytes_total_; }

 private:
  struct File {
    std::string name;
    Fd fd;  // invalid if it is packed
    std::optional<GzipFile> gzip = {};
    std::uint64_t unpacked = 0;  // uncompressed bytes read
  };
  enum class Fill { bytes, nothing, end };

  Recording() = default;
  Result<void> open_file(const std::string& path);
  Result<Fill> fill(Deadline deadline);
  Result<std::size_t> read_into(std::span<char> space);
  Result<std::size_t> unpack_into(File& file, std::span<char> space);
  std::optional<Record> record_of(std::string_view line);

  std::deque<File> files_;  // not read to their end; the first is being read
  std::optional<LineReader> reader_;
  EventLine event_line_;
  Interrupt interrupt_;
  SourceKind kind_ = SourceKind::log;
  std::string peeked_;  // bytes that `detect` has read
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_total_ = 0;
  bool sizes_known_ = true;
  SourceStatus status_;
};

}  // namespace mre
