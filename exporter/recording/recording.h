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

/// Files that hold the past of a broker, read once from front to back: logs (kind log), or recorded messages,
/// one JSON object a line (kind mqtt; see EventLine). A last line without a line end is a line. Files that
/// gzip packed are unpacked as they are read; their names do not matter.
///
/// Lost: lines longer than the limit (records_oversized), lines that are no recorded message
/// (records_malformed). Empty lines between messages are nothing.
class Recording final : public Source {
 public:
  /// Opens the files, to be read in this order; "-" is standard input. At least one.
  /// Errors: unavailable, for a file that cannot be read.
  static Result<std::unique_ptr<Recording>> open(const std::vector<std::string>& files);

  /// What the first file holds: messages if its first line that is not empty is one with a payload, and
  /// `is_log_line` does not say otherwise. To be called before `read_as`. May wait for standard input.
  SourceKind detect(const std::function<bool(std::string_view line)>& is_log_line = {});

  /// What to read the files as. Once, before `next`.
  void read_as(SourceKind kind, std::size_t max_line_bytes);

  Result<std::optional<Record>> next(Deadline deadline) override;
  LineBlock lines() override;
  void consume(std::size_t bytes, std::uint64_t count) override;
  void interrupt() override { interrupt_.raise(); }
  bool save(ByteWriter&) override { return true; }
  const SourceStatus& status() override;

  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t bytes_total() const {
    return bytes_total_;
  }  ///< 0 if one of the files does not tell its size.

 private:
  struct File {
    std::string name;
    Fd fd;  // of a file that is not packed
    std::optional<GzipFile> gzip = {};
    std::uint64_t unpacked = 0;  // bytes of it that are read
  };
  enum class Fill { bytes, nothing, end };

  Recording() = default;
  Result<void> open_file(const std::string& path);
  Result<std::optional<Record>> next_filled(Deadline deadline);
  Result<Fill> fill(Deadline deadline);
  Result<std::size_t> read_into(std::span<char> space);
  Result<std::size_t> unpack_into(File& file, std::span<char> space);
  Record hand_out(std::string_view line);
  std::optional<Record> message_of(std::string_view line);

  std::deque<File> files_;  // those not read to their end; the first is being read
  std::optional<LineReader> reader_;
  EventLine event_line_;
  Interrupt interrupt_;
  SourceKind kind_ = SourceKind::log;
  std::string looked_at_;  // bytes that `detect` has read ahead
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_total_ = 0;
  bool sizes_known_ = true;
  SourceStatus status_;
};

}  // namespace mre
