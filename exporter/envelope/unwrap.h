#pragma once

#include <functional>
#include <memory>

#include "exporter/event/decoder.h"
#include "exporter/event/envelope.h"

namespace mre {

/// The longest line that is joined from pieces. A longer one is malformed (oversized), once, and lost.
inline constexpr std::size_t kMaxJoinedBytes = 65536;

/// `inner` behind a decoder that takes each line of a log out of its envelope, removes the codes that colour
/// it, and hands it on. One inner line stays one record, even if it holds line ends: a stranger may have
/// written them. A message of MQTT (a record with a topic) is handed on as it is. With Envelope::plain this
/// is `inner` itself.
///
/// Lines that come in pieces (docker, cri) are joined, apart for stdout and stderr. The records of all pieces
/// but the last are ignored; the last has the outcome of the line. So have the fields of a journal entry
/// beside its message.
///
/// Envelope::detect takes each line by its own begin, until three lines in a row have the same shape; that
/// one is kept, and restored: a log whose envelope changes afterwards needs its name. No text that stands
/// inside a line takes part. Undecided or plain, a line is handed on untouched, colours included.
///
/// A line that has not the shape is malformed (RecordError::envelope) and not handed on. Lost: a line whose
/// last piece has not come when the source leaves the file, or when the process ends and its state is not
/// restored; a message above 4096 bytes that journalctl without --all left out (oversized); an entry of
/// journald_export with a binary field that does not survive being read as lines (see JournalExport). Syslog
/// with octet counts instead of line ends (RFC 6587, 3.4.1) is no log of lines.
///
/// What other programs wrote to the same log is handed on too: the log must be the broker's alone.
///
/// `decided` is called once when Envelope::detect has found which it is, plain included, while that line is
/// decoded; or when that was taken over from saved bytes, which hold for the same `envelope` only.
std::unique_ptr<Decoder> unwrap(Envelope envelope, std::unique_ptr<Decoder> inner,
                                std::function<void(Envelope)> decided = {});

}  // namespace mre
