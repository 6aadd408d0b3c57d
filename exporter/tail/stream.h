// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/fd.h"
#include "exporter/base/interrupt.h"
#include "exporter/input/line_reader.h"
#include "exporter/input/source.h"

namespace mre {

/// Lines of an open descriptor that is read once from front to back: standard input, a pipe, a FIFO, a
/// terminal.
///
/// At its end (every writer has closed it, or it cannot be read any more) a last line without line end is
/// handed out, then end_of_stream, for good. A stream keeps nothing: what was not read when the process ends
/// is lost with it.
///
/// The descriptor may be shared with other processes, so its flags are left alone: it is read only after
/// poll(2) says that this does not block.
class Stream final : public Source {
 public:
  /// `name` is for people: "standard input".
  Stream(Fd fd, std::string name, std::size_t max_line_bytes);

  Result<std::optional<Record>> next(Deadline deadline) override;
  void interrupt() override { interrupt_.raise(); }
  bool save(ByteWriter&) override { return true; }
  const SourceStatus& status() override;

 private:
  enum class Fill { bytes, nothing, end };

  Fill fill(Deadline deadline);
  Fill read_some();
  Record hand_out(std::string_view line);
  void set_state(std::string_view what);

  const Fd fd_;
  const std::string name_;
  LineReader reader_;
  Interrupt interrupt_;
  SourceStatus status_;
};

}  // namespace mre
