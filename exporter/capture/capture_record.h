// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/bytes.h"
#include "exporter/event/decoder.h"

namespace mre {

/// Appends one event to the bytes of a record of a capture source.
void write_told(const ReasonEvent& event, ByteWriter& out);
void write_told(const CloseEvent& event, ByteWriter& out);

/// Tells the events of such a record. False if the bytes are none; some may have been told then.
bool read_told(std::string_view record, EventSink& sink);

}  // namespace mre
