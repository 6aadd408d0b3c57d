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

/// Captures of the past, pcap or pcapng, read once from front to back.
class PacketRecording final : public FrameInput {
 public:
  /// Whether this is a file that begins as captures do. Not so what can be read only once, as a pipe.
  static bool holds_packets(const std::string& path);

  /// Opens the files, to be read in this order; "-" is standard input. At least one.
  /// Errors: unavailable, for a file that cannot be read.
  static Result<std::unique_ptr<PacketRecording>> open(const std::vector<std::string>& paths);

  Result<std::optional<Frame>> next(Deadline deadline) override;
  void interrupt() override {}  // nothing is waited for but the disk, or what writes the pipe
  bool interrupted() override { return false; }
  void report(SourceStatus& status) override;

  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const {
    return bytes_total_;
  }  ///< 0 if one of the files does not tell its size.

 private:
  PacketRecording() = default;

  std::deque<CaptureFile> files_;  // those not read to their end; the first is being read
  std::uint64_t bytes_of_ended_ = 0;
  std::uint64_t bytes_total_ = 0;
  unsigned cut_off_ = 0;  // files that end within a frame
  bool ended_ = false;
};

}  // namespace mre
