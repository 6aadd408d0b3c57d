// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/base/deadline.h"
#include "exporter/base/error.h"
#include "exporter/event/record.h"
#include "exporter/event/source_status.h"

namespace mre {

/// A source of records: a log file, standard input or a broker. One thread calls it; only `interrupt` may be
/// called from other threads.
class Source {
 public:
  virtual ~Source() = default;

  /// Waits until `deadline` for the next record. With a deadline in the past it returns what is available.
  ///
  /// A call acknowledges the record that the call before returned: the position moves then, never earlier.
  ///
  /// Returns the record, whose views stay valid until the next call; or nothing if the deadline passed first.
  /// That includes the time while the file or the broker is unavailable: the source tries again by itself, and
  /// `status` has the reason. Error: end_of_stream. The number of bytes read between two checks of the deadline
  /// and the interrupt is limited, also if no record ends there: then it returns nothing although there is more
  /// to read (SourceStatus::unread).
  virtual Result<std::optional<Record>> next(Deadline deadline) = 0;

  /// The available whole lines of a log, for a caller that reads many at once. Acknowledges the last returned
  /// record; the views stay valid until the next call. Empty if the next line is too long or incomplete, and from
  /// a source without lines: then call `next`.
  virtual LineBlock lines() { return {}; }
  /// Acknowledges the first `bytes` bytes of what `lines` returned; they end with a line end.
  virtual void consume(std::size_t /*bytes*/) {}

  /// Ends the current wait of `next`, or else the next one. From any thread.
  virtual void interrupt() = 0;

  /// Writes the position after the last returned record, and acknowledges that record. A source created with
  /// these bytes resumes with the next record. False if there is no such position now; what was written is
  /// invalid then. A source without positions writes nothing.
  virtual bool save(ByteWriter& out) = 0;

  /// Before the end: accepts nothing more from a peer that would not send it again. Received records are still
  /// returned: call `next` until it returns nothing, then `save`. A source whose position is always exact does
  /// nothing here. May take a second.
  virtual void finish() {}

  /// Keeps only these topic filters, which are some of the current ones. The connection stays open, so that no
  /// matching message is lost; messages of other filters may still arrive for a moment. Does nothing in a source
  /// without topics. Not empty; from any thread.
  virtual void narrow(std::vector<std::string> /*topics*/) {}

  /// Without `record_bytes` and `retained_skipped`.
  virtual const SourceStatus& status() = 0;
};

}  // namespace mre
