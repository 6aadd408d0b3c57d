// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/checkpoint/state_directory.h"

namespace mre {

/// Why a file was rejected: the `cause` label of mqtt_reason_checkpoint_rejected_total.
enum class CheckpointReject : std::uint8_t {
  damaged,        ///< Too short, a wrong checksum, or not a checkpoint.
  newer_version,  ///< Written by a later version of the exporter.
  not_ours,       ///< Not a regular file, or another user may have written it.
  unreadable,     ///< The system cannot read it.
};
inline constexpr std::size_t kCheckpointRejects = 4;
constexpr std::string_view to_string(CheckpointReject cause) {
  constexpr std::string_view names[] = {"damaged", "newer_version", "not_ours", "unreadable"};
  return names[static_cast<std::size_t>(cause)];
}

/// The result of loading.
struct LoadedCheckpoint {
  std::optional<std::string> bytes;  ///< Nothing: there is no valid checkpoint.
  /// Whether a newer checkpoint may have existed: scrapes may have shown higher counts than those in `bytes`.
  bool may_be_old = false;
  std::array<unsigned, kCheckpointRejects> rejected{};  ///< Rejected files, by CheckpointReject.
};

/// The checkpoint of one source: bytes that are replaced completely or not at all, whenever the process or the
/// machine stops.
///
/// On disk there are two generations, NAME.0 and NAME.1. A new one is written to NAME.new, synced and renamed over
/// the older of the two; then the directory is synced. Each file contains
///
///   "MREstate"  version  sequence number  length  bytes  CRC-32 of all before it
///
/// with numbers as ByteWriter::word writes them. The highest sequence number is the current generation. Files
/// have mode 0600; symbolic links are never followed. One thread at a time.
class CheckpointFile {
 public:
  static constexpr std::uint64_t kVersion = 1;
  static constexpr std::size_t kMaxBytes = 64U << 20U;

  /// `name` contains no slash. Opens no file.
  CheckpointFile(std::shared_ptr<const StateDirectory> directory, std::string name);

  /// Reads the current generation. Never fails: the result reports rejected files. Call it once, before `save`.
  LoadedCheckpoint load();

  /// After success, `load` returns `bytes` however the process or the machine stops. After an error it returns
  /// an earlier generation or `bytes`. Errors: io, with the path and the reason.
  Result<void> save(std::string_view bytes);

  /// Records on disk that the checkpoint is older than what scrapes have shown; `load` reports it then. Needs no
  /// free block. Has no effect if the directory cannot be written at all.
  void mark_old();

 private:
  struct Slot {
    std::string name;
    std::uint64_t sequence = 0;  ///< 0: no valid file.
  };

  std::optional<std::string> read(Slot& slot, LoadedCheckpoint& loaded) const;
  Result<void> write_new(std::string_view bytes) const;

  const std::shared_ptr<const StateDirectory> directory_;
  std::array<Slot, 2> slots_;
  const std::string new_;
  const std::string old_;  ///< Exists if `mark_old` was called since the last `save`.
  bool marked_ = false;
};

}  // namespace mre
