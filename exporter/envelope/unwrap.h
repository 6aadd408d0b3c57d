// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/event/decoder.h"
#include "exporter/event/envelope.h"

namespace mre {

/// The maximum length of a line that is joined from pieces. A longer line is counted once as malformed
/// (oversized) and lost.
inline constexpr std::size_t kMaxJoinedBytes = 65536;

/// Wraps `inner` in a decoder that removes the envelope of each line, nested envelopes, colour codes and a
/// byte order mark, and passes the line to `inner`. One inner line is one record, even if it contains line
/// ends: a client may have written them. An MQTT message (a record with a topic) is passed unchanged. With
/// Envelope::plain the result is `inner` itself.
///
/// Lines in pieces are joined, separately for stdout and stderr. The records of all pieces but the last are
/// `ignored`; the last one has the outcome of the line. The same applies to the fields of a journal entry.
///
/// Envelope::detect is decided by the first lines (see Layer); if the envelope changes later, it has to be
/// configured by name. If the lines name the program that wrote them, only the broker's lines are passed (see
/// BrokerService); the others are `unrecognised`. Lines without such a name are all passed.
///
/// A line without the form of the envelope is malformed (RecordError::envelope) and not passed. Lost are
///   - a line whose last piece is missing when the source leaves the file, or when the process ends and its state
///     is not restored,
///   - a message above 4096 bytes that journalctl without --all omitted (oversized), and
///   - an entry of journald_export with a binary field that cannot be read as lines (see JournalExport).
/// Syslog with octet counts instead of line ends (RFC 6587, 3.4.1) is not supported.
///
/// `decided` is called once when detection has found the envelope (which may be `plain`), during the decoding
/// of that line or during `restore`. Saved state is valid for the same `envelope` only. `broker_found` is
/// called with the name of the broker's service whenever a line identifies it. `refused` is called once with
/// a sentence for the operator if the log cannot be read: UTF-16 lines are malformed (envelope), because
/// bytes of a client's text can be a line end there.
std::unique_ptr<Decoder> unwrap(Envelope envelope, std::unique_ptr<Decoder> inner,
                                std::function<void(Envelope)> decided = {},
                                std::function<void(const std::string&)> broker_found = {},
                                std::function<void(std::string_view)> refused = {});

}  // namespace mre
