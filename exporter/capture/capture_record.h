// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/bytes.h"
#include "exporter/event/decoder.h"

namespace mre {

/// Appends an event to a record of a capture source.
void append_event(const ReasonEvent& event, ByteWriter& out);
void append_event(const CloseEvent& event, ByteWriter& out);

/// Appends the client of the events that follow: "192.0.2.7:49152". Without it, or if it is empty, they have none.
void append_peer(std::string_view peer, ByteWriter& out);

/// Appends what a client has called itself; see EventSink::on_client.
void append_client(const Subject& subject, ByteWriter& out);

/// Emits the events of such a record. Returns false if the bytes are malformed; some events may have been
/// emitted then. `peer` is set to the client of each event before the event is emitted.
bool emit_events(std::string_view record, EventSink& sink, std::string_view& peer);

}  // namespace mre
