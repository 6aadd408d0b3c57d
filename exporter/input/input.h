// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/deadline.h"
#include "exporter/base/error.h"
#include "exporter/event/decoder.h"
#include "exporter/event/source_status.h"

namespace mre {

class RecordInput;

/// Receives what an input reads: the events of a record, then the record.
class InputSink : public EventSink {
 public:
  /// Whether to call `begin_record`, and `on_record` for each record. Otherwise lines may be passed to `on_lines`.
  virtual bool wants_records() const = 0;

  /// A record is decoded next. Of a frame, only the time is known yet, and it may have no events. Not called for a
  /// retained message, which is not decoded.
  virtual void begin_record(const Record& /*record*/) {}

  /// A record was read: a log line, a message, or a captured frame that has events. A frame has no payload; its topic
  /// is its connection, if the sink wants records. The views are valid during the call.
  virtual void on_record(const Record& record, const Decoded& decoded) = 0;

  /// Log lines were read together.
  virtual void on_lines(const DecodedLines& lines) = 0;
};

/// One source of a broker with all that is needed to read it: emits the events of what has arrived. One thread calls
/// it; only `interrupt` may be called from other threads.
class Input {
 public:
  virtual ~Input() = default;

  /// Waits until `deadline` for data and reads the lines that have arrived, one message, or frames up to the first one
  /// with events. With a deadline in the past it reads what is available. A call acknowledges what the call before has
  /// read: the position moves then, never earlier. Returns whether anything was read; it may return false early, see
  /// `Source::next`. Errors: end_of_stream; of a recording also io and unavailable.
  virtual Result<bool> poll(Deadline deadline, InputSink& sink) = 0;

  virtual Subject subject() = 0;               ///< See Decoder::subject.
  virtual void settle(EventSink& /*sink*/) {}  ///< See Decoder::settle.

  virtual void interrupt() = 0;                     ///< See Source::interrupt.
  virtual void finish() {}                          ///< See Source::finish.
  virtual bool save_position(ByteWriter& out) = 0;  ///< See Source::save.

  /// The state without the position: see Decoder::save and Decoder::restore.
  virtual void save_state(ByteWriter& out) const = 0;
  virtual bool restore_state(ByteReader& in) = 0;

  /// This input, if it reads records with a decoder that can be exchanged; null for a capture.
  virtual RecordInput* records() { return nullptr; }

  virtual const SourceStatus& status() = 0;
  virtual DecoderStats stats() const { return {}; }
  virtual const Coverage& coverage() const = 0;
  virtual Visibility visibility() const = 0;
};

}  // namespace mre
