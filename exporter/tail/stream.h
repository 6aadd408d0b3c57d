// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/fd.h"
#include "exporter/base/interrupt.h"
#include "exporter/input/line_reader.h"
#include "exporter/input/source.h"

namespace mre {

/// Reads the lines of an open descriptor once: standard input, a pipe, a FIFO or a terminal.
///
/// At its end (all writers have closed it, or reading failed) `next` returns a last line without line end, then
/// end_of_stream at every call. A stream has no position: what was not read when the process ends is lost and
/// not counted.
///
/// Other processes may share the descriptor, so its flags are not changed: it is read only after poll(2)
/// reports that reading does not block.
class Stream final : public Source {
 public:
  /// `name` is for messages: "standard input".
  Stream(Fd fd, std::string name, std::size_t max_line_bytes);

  Result<std::optional<Record>> next(Deadline deadline) override;
  LineBlock lines() override { return reader_.lines(); }
  void consume(std::size_t bytes) override { reader_.consume(bytes); }
  void interrupt() override { interrupt_.raise(); }
  bool save(ByteWriter&) override { return true; }
  const SourceStatus& status() override;

 private:
  enum class Fill { bytes, nothing, end };  // what the reader got

  Fill fill(Deadline deadline);
  Fill read_some();
  void set_state(std::string_view text);

  const Fd fd_;
  const std::string name_;
  LineReader reader_;
  Interrupt interrupt_;
  SourceStatus status_;
};

}  // namespace mre
