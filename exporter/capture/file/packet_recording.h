// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "exporter/capture/file/capture_file.h"
#include "exporter/capture/frame/frame_input.h"

namespace mre {

/// Capture files, pcap or pcapng, read once from start to end.
class PacketRecording final : public FrameInput {
 public:
  /// Whether `path` is a regular file that starts as captures do. False for a pipe, which can be read only
  /// once.
  static bool holds_packets(const std::string& path);

  /// Opens the files, at least one, which are read in this order; "-" is standard input.
  /// Errors: unavailable, if a file cannot be opened.
  static Result<std::unique_ptr<PacketRecording>> open(const std::vector<std::string>& paths);

  Result<std::optional<Frame>> next(Deadline deadline) override;
  void interrupt() override {}  // waits only for the disk or the writer of a pipe
  bool interrupted() override { return false; }
  void report(SourceStatus& status) override;

  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const { return bytes_total_; }  ///< 0 if the size of a file is unknown.

 private:
  PacketRecording() = default;

  std::deque<CaptureFile> files_;  // unfinished files; the first one is being read
  std::uint64_t bytes_of_ended_ = 0;
  std::uint64_t bytes_total_ = 0;
  unsigned cut_off_ = 0;  // files with an incomplete last frame
  bool ended_ = false;
};

}  // namespace mre
