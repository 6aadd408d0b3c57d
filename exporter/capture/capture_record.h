// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/bytes.h"
#include "exporter/event/decoder.h"

namespace mre {

/// Appends an event to a record of a capture source.
void append_event(const ReasonEvent& event, ByteWriter& out);
void append_event(const CloseEvent& event, ByteWriter& out);

/// Emits the events of such a record. Returns false if the bytes are malformed; some events may have been
/// emitted then.
bool emit_events(std::string_view record, EventSink& sink);

}  // namespace mre
