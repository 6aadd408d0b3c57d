// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "exporter/base/interrupt.h"
#include "exporter/input/source.h"

namespace mre {

/// Limits how many blocks `Source::next` reads without finding the end of a record: a line may be endless, and a
/// small packed file may have a huge content.
class ReadBudget {
 public:
  ReadBudget(Deadline deadline, Interrupt& interrupt) : deadline_(deadline), interrupt_(interrupt) {}

  /// Whether `next` must return; call it after each block without a record. True after an interrupt, which this
  /// consumes, and after the deadline, which is checked at every 64th block.
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
