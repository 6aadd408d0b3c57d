// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "exporter/base/error.h"
#include "exporter/capture/frame/frame.h"
#include "exporter/capture/frame/own_addresses.h"
#include "exporter/event/source_status.h"
#include "exporter/input/source.h"

namespace mre {

/// Where frames come from: a network interface, or recordings. One thread calls it; only `interrupt` may be
/// called from another.
class FrameInput {
 public:
  virtual ~FrameInput() = default;

  /// Waits until `deadline` for the next frame, whose bytes stay valid until the next call. A deadline in the
  /// past asks for what is there already. Nothing if it passed first, also while the interface is away (it
  /// tries again by itself, and says why in the status), or if a wait was interrupted; or end_of_stream; or
  /// what is wrong with a recording.
  virtual Result<std::optional<Frame>> next(Deadline deadline) = 0;

  virtual void interrupt() = 0;  ///< Ends one wait of `next`: the one that is going on, or else the next.
  /// Whether there was an interrupt that has ended no wait; this is its end then. For who gets frames all the
  /// time.
  virtual bool interrupted() = 0;

  /// The addresses of the machine whose frames these are, for a live capture; else null.
  virtual OwnAddresses* own_addresses() { return nullptr; }

  /// Writes `up`, `state`, `failures` and the frames that were dropped.
  virtual void report(SourceStatus& status) = 0;
};

}  // namespace mre
