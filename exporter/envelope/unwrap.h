// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/event/decoder.h"
#include "exporter/event/envelope.h"

namespace mre {

/// The longest line that is joined from pieces. A longer one is malformed (oversized), once, and lost.
inline constexpr std::size_t kMaxJoinedBytes = 65536;

/// `inner` behind a decoder that takes each line of a log out of its envelope, and out of the envelopes in
/// that, removes the codes that colour it and a byte order mark before it, and hands it on. One inner line
/// stays one record, even if it holds line ends: a client may have written them. A message of MQTT (a record
/// with a topic) is handed on as it is. With Envelope::plain this is `inner` itself.
///
/// Lines that come in pieces are joined, apart for stdout and stderr. The records of all pieces but the last
/// are ignored; the last has the outcome of the line. So have the fields of a journal entry beside its
/// message.
///
/// Envelope::detect is decided by the first lines (see Layer). A log whose envelope changes afterwards needs
/// its name. If the lines name the program that wrote them, only the broker's are handed on (see
/// BrokerService); the others are unrecognised. What else other programs write to the same log is handed on,
/// too.
///
/// A line that has not the shape is malformed (RecordError::envelope) and not handed on. Lost: a line whose
/// last piece has not come when the source leaves the file, or when the process ends and its state is not
/// restored; a message above 4096 bytes that journalctl without --all left out (oversized); an entry of
/// journald_export with a binary field that does not survive being read as lines (see JournalExport). Syslog
/// with octet counts instead of line ends (RFC 6587, 3.4.1) is not a log of lines.
///
/// `decided` is called once when Envelope::detect has found which it is, plain included, while that line is
/// decoded; or when that was taken over from saved bytes, which hold for the same `envelope` only.
/// `broker_found` is called with the name of the broker's service whenever a line shows it. `refused` is
/// called once with a sentence for the operator if the log cannot be read at all: lines of UTF-16 are
/// malformed (envelope), because bytes within a client's text can be a line end there.
std::unique_ptr<Decoder> unwrap(Envelope envelope, std::unique_ptr<Decoder> inner,
                                std::function<void(Envelope)> decided = {},
                                std::function<void(const std::string&)> broker_found = {},
                                std::function<void(std::string_view)> refused = {});

}  // namespace mre
