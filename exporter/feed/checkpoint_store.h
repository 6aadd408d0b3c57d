// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "exporter/base/error.h"
#include "exporter/checkpoint/checkpoint_file.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// What a feed takes over from the one before it: where the source stands, what the decoder knows and what
/// was counted, all as of one moment between two records. Each part is bytes that only its owner reads.
struct Checkpoint {
  std::string profile;   ///< Name of the profile; empty: there was no checkpoint.
  std::string position;  ///< Of the source: `Source::save`.
  std::string decoder;   ///< `Decoder::save`.
  std::string counts;    ///< `FeedLoop::save`.
};

/// The checkpoint of one feed on disk, and how keeping it goes. One thread at a time.
class CheckpointStore {
 public:
  /// Loads what is there, and writes it once more: a folder in which nothing can be written keeps what it
  /// has for ever, so that it may be older than what was served since.
  explicit CheckpointStore(CheckpointFile file);

  /// What was found, and whether a later one may have been there.
  const Checkpoint& found() const { return found_; }
  bool may_be_old() const { return may_be_old_; }

  /// Replaces it. If that fails, what is there is marked as old.
  Result<void> save(const Checkpoint& checkpoint);

  std::size_t bytes() const { return bytes_; }  ///< Of the last one.
  const CheckpointStatus& status() const { return status_; }

 private:
  Result<void> write(const std::string& bytes);

  CheckpointFile file_;
  Checkpoint found_;
  bool may_be_old_ = false;
  std::size_t bytes_ = 0;
  CheckpointStatus status_;
};

}  // namespace mre
