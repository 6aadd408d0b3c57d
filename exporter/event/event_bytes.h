// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/bytes.h"
#include "exporter/event/reason_event.h"

namespace mre {

/// An event as bytes: for what is taken over after a restart, and for a record of a source that reads the
/// events itself.
void write_event(const ReasonEvent& event, ByteWriter& out);

void write_event(const CloseEvent& event, ByteWriter& out);

/// What `write_event` wrote. Fails if a field is none of its values; what it returns then can be used, but
/// means nothing.
ReasonEvent read_event(ByteReader& in);
CloseEvent read_close_event(ByteReader& in);

}  // namespace mre
