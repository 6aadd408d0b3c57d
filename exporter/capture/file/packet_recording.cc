// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/file/packet_recording.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace mre {

bool PacketRecording::holds_packets(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return false;
  auto file = CaptureFile::open(path);
  return file && file->is_capture();
}

Result<std::unique_ptr<PacketRecording>> PacketRecording::open(const std::vector<std::string>& paths) {
  std::unique_ptr<PacketRecording> recording(new PacketRecording());
  bool sizes_known = true;
  for (const std::string& path : paths) {
    auto file = CaptureFile::open(path);
    if (!file) return tl::make_unexpected(file.error());
    recording->files_.push_back(std::move(*file));
    std::error_code failed;
    const std::uintmax_t size = path == "-" ? 0 : std::filesystem::file_size(path, failed);
    sizes_known &= path != "-" && !failed;
    if (!failed) recording->bytes_total_ += size;
  }
  if (!sizes_known) recording->bytes_total_ = 0;
  return recording;
}

Result<std::optional<Frame>> PacketRecording::next(Deadline) {
  for (; !files_.empty(); files_.pop_front()) {
    auto frame = files_.front().next();
    if (!frame || *frame) return frame;
    bytes_of_ended_ += files_.front().bytes_read();
    cut_off_ += files_.front().cut_off() ? 1U : 0U;
  }
  ended_ = true;
  return fail(Errc::end_of_stream, "end of the captures");
}

void PacketRecording::report(SourceStatus& status) {
  status.up = !ended_;
  status.state = ended_ ? "finished reading" : "reading";
  if (cut_off_ > 0)
    status.state += "; " + std::to_string(cut_off_) + " captures have an incomplete last frame";
}

std::uint64_t PacketRecording::bytes_read() const {
  return bytes_of_ended_ + (files_.empty() ? 0 : files_.front().bytes_read());
}

}  // namespace mre
