// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "exporter/base/deadline.h"
#include "exporter/base/error.h"
#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/local_addresses.h"
#include "exporter/event/source_status.h"

namespace mre {

/// A source of frames: a network interface or recordings. One thread calls it; only `interrupt` may be called
/// from another thread.
class FrameInput {
 public:
  virtual ~FrameInput() = default;

  /// Waits until `deadline` for the next frame, whose bytes are valid until the next call. With a deadline in
  /// the past it returns only a frame that has already arrived. Returns nothing if the deadline passes first,
  /// also while the interface is down (the input retries by itself and reports the reason in the status), and
  /// after an interrupt. Errors: end_of_stream; for a recording also io, if it is damaged.
  virtual Result<std::optional<Frame>> next(Deadline deadline) = 0;

  virtual void interrupt() = 0;  ///< Ends one wait of `next`: the current one, else the next.
  /// Whether there is an interrupt that has not ended a wait yet; clears it. For callers that get frames
  /// without waiting.
  virtual bool interrupted() = 0;

  /// The addresses of the machine that captures, for a live capture; else null.
  virtual LocalAddresses* local_addresses() { return nullptr; }

  /// Sets `up`, `state`, `failures` and the numbers of dropped frames.
  virtual void report(SourceStatus& status) = 0;
};

}  // namespace mre
