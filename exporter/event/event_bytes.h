// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/bytes.h"
#include "exporter/event/reason_event.h"

namespace mre {

/// Serialises an event: for state that is restored after a restart, and for the records of a source that
/// produces events itself.
void write_event(const ReasonEvent& event, ByteWriter& out);

void write_event(const CloseEvent& event, ByteWriter& out);

/// Reads what `write_event` wrote. `in` fails if a field has an invalid value; the returned event is then
/// valid to use but meaningless.
ReasonEvent read_event(ByteReader& in);
CloseEvent read_close_event(ByteReader& in);

}  // namespace mre
