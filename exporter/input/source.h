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

/// Where records come from: a log file, standard input, a broker. One thread calls one source; only
/// `interrupt` may be called from another.
class Source {
 public:
  virtual ~Source() = default;

  /// Waits until `deadline` for the next record. A deadline in the past asks for what is there already.
  ///
  /// Asking for the next record acknowledges the one before: a source that keeps a position moves it here,
  /// never earlier.
  ///
  /// Returns the record, whose views stay valid until the next call; nothing if the deadline passed first
  /// (also while the file or the broker is away: the source tries again by itself, `status` says why); or
  /// end_of_stream. What it reads between two looks at the deadline and the interruption is bounded, also if
  /// no record ends there: then it returns nothing with more to read (SourceStatus::unread).
  virtual Result<std::optional<Record>> next(Deadline deadline) = 0;

  /// The whole lines of a log that are there already, for whoever reads many at once. Acknowledges what was
  /// handed out before; views as those of `next`. None where the next line needs more than to be read (it is
  /// too long, or the buffer ends in it), and from a source that has no lines: then ask `next`.
  virtual LineBlock lines() { return {}; }
  /// The first `count` lines, `bytes` with their line ends, of what `lines` returned are handed out and done
  /// with.
  virtual void consume(std::size_t /*bytes*/, std::uint64_t /*count*/) {}

  /// Ends one wait of `next`: the one that is going on, or else the next. From any thread.
  virtual void interrupt() = 0;

  /// Writes the place behind the last record that was handed out, which this acknowledges: a source that is
  /// made with these bytes goes on with the record after it. False, with anything written: it has no such
  /// place just now. A source that keeps no place writes nothing.
  virtual bool save(ByteWriter& out) = 0;

  /// Takes nothing more in from a peer that would not send it again; what it has taken is still handed out.
  /// For the end: afterwards `next` until there is nothing, then `save`. A source whose place is exact at any
  /// time does nothing here. May take a second.
  virtual void finish() {}

  /// Keeps only these topic filters, which are some of the current ones. The connection stays open, so that no
  /// matching message is lost; messages of other filters may still arrive for a moment. Does nothing in a source
  /// without topics. Not empty; from any thread.
  virtual void narrow(std::vector<std::string> /*topics*/) {}

  virtual const SourceStatus& status() = 0;
};

}  // namespace mre
