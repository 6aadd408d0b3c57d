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

/// Why what stands on disk was not taken: the `cause` label of mqtt_reason_checkpoint_rejected_total.
enum class CheckpointReject : std::uint8_t {
  damaged,        ///< Too short, a wrong checksum, no checkpoint at all.
  newer_version,  ///< Written by a later version of the exporter.
  not_ours,       ///< No regular file, or one that another user may have written.
  unreadable,     ///< The system cannot read it.
};
inline constexpr std::size_t kCheckpointRejects = 4;
constexpr std::string_view to_string(CheckpointReject cause) {
  constexpr std::string_view names[] = {"damaged", "newer_version", "not_ours", "unreadable"};
  return names[static_cast<std::size_t>(cause)];
}

/// What was found on disk.
struct LoadedCheckpoint {
  std::optional<std::string> bytes;  ///< Nothing: there is none that can be taken.
  /// Whether a later checkpoint than this may have been there: what was served then may be above what these
  /// bytes say.
  bool may_be_old = false;
  std::array<unsigned, kCheckpointRejects> rejected{};  ///< Files not taken, by CheckpointReject.
};

/// One checkpoint of one source: bytes that are replaced as a whole or not at all, whenever the process or
/// the machine ends.
///
/// On disk: two generations, NAME.0 and NAME.1. A new one is written to NAME.new, synced, renamed over the
/// older of the two, and the folder is synced. Each file holds
///
///   "MREstate"  version  sequence number  length  bytes  CRC-32 of all before it
///
/// with numbers as ByteWriter::word writes them. The highest sequence number is the current generation.
/// Files have mode 0600; symbolic links are never followed. One thread at a time.
class CheckpointFile {
 public:
  static constexpr std::uint64_t kVersion = 1;
  static constexpr std::size_t kMaxBytes = 64U << 20U;

  /// `name` has no slash. Opens nothing.
  CheckpointFile(std::shared_ptr<const StateDirectory> directory, std::string name);

  /// Reads what is there. Never fails: what cannot be taken is told in the answer. Once, before `save`.
  LoadedCheckpoint load();

  /// Once this returns without an error, `load` gives `bytes` after any end of the process or the machine.
  /// After an error it gives an earlier generation. Errors: io, with what the system says.
  Result<void> save(std::string_view bytes);

  /// Notes on disk that what is there is older than what was served, and so does `load` then. Needs no room.
  /// Does nothing where even that cannot be written: a folder that is read-only cannot be told the truth.
  void mark_old();

 private:
  struct Slot {
    std::string name;
    std::uint64_t sequence = 0;  ///< 0: nothing good there.
  };

  std::optional<std::string> read(Slot& slot, LoadedCheckpoint& loaded) const;
  Result<void> write_new(std::string_view bytes) const;

  const std::shared_ptr<const StateDirectory> directory_;
  std::array<Slot, 2> slots_;
  const std::string new_;
  const std::string old_;  ///< A file of this name: `mark_old` was called since the last `save`.
  bool marked_ = false;
};

}  // namespace mre
