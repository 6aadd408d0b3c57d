// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "exporter/base/error.h"
#include "exporter/checkpoint/checkpoint_file.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// What a feed resumes from: the position of the source, the state of the decoder and the counters, all at one moment
/// between two records. Each part is opaque bytes that only its owner parses.
struct Checkpoint {
  std::string profile;   ///< Name of the profile; empty: there was no checkpoint.
  std::string position;  ///< `Input::save_position`.
  std::string decoder;   ///< `Input::save_state`.
  std::string counts;    ///< `FeedLoop::save`.
};

/// The checkpoint of one feed on disk, and the status of writing it. One thread at a time.
class CheckpointStore {
 public:
  /// Loads the checkpoint and writes it once more: if the directory is not writable, the checkpoint may be older than
  /// what was served since.
  ///
  /// `wake`: called by `request`, on any thread.
  explicit CheckpointStore(CheckpointFile file, std::function<void()> wake = [] {});

  /// Something was counted that is not on disk: wakes the thread that writes checkpoints. Any thread.
  void request() const { wake_(); }

  /// The checkpoint that was loaded, and whether a later one may have been lost.
  const Checkpoint& found() const { return found_; }
  bool may_be_old() const { return may_be_old_; }

  /// Replaces the checkpoint. If that fails, the one on disk is marked as old. Errors: io.
  Result<void> save(const Checkpoint& checkpoint);

  std::size_t bytes() const { return bytes_; }  ///< Of the last one.
  const CheckpointStatus& status() const { return status_; }

 private:
  Result<void> write(const std::string& bytes);

  const std::function<void()> wake_;
  CheckpointFile file_;
  Checkpoint found_;
  bool may_be_old_ = false;
  std::size_t bytes_ = 0;
  CheckpointStatus status_;
};

}  // namespace mre
