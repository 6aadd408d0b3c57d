// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "exporter/base/interrupt.h"
#include "exporter/input/source.h"

namespace mre {

/// Bounds a loop of `Source::next` that reads blocks in which no record ends: a line may have no end, and a
/// small packed file a huge content.
class ReadBudget {
 public:
  ReadBudget(Deadline deadline, Interrupt& interrupt) : deadline_(deadline), interrupt_(interrupt) {}

  /// To be asked after each block without a record: whether `next` must return. It must at once when it is
  /// interrupted, which this consumes, and at the deadline, looked at after every 64th block.
  bool is_exhausted() {
    return interrupt_.take() || (++blocks_ % kBlocks == 0 && std::chrono::steady_clock::now() >= deadline_);
  }

 private:
  static constexpr unsigned kBlocks = 64;
  const Deadline deadline_;
  Interrupt& interrupt_;
  unsigned blocks_ = 0;
};

}  // namespace mre
