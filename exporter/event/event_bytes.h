// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/bytes.h"
#include "exporter/event/reason_event.h"

namespace mre {

/// Serialises an event, for state that is restored after a restart.
void write_event(const ReasonEvent& event, ByteWriter& out);

/// Reads what `write_event` wrote. `in` fails if a field has an invalid value; the returned event is then
/// valid to use but meaningless.
ReasonEvent read_event(ByteReader& in);

}  // namespace mre
