// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/event/record.h"

/// When records were written.
namespace mre {

/// A moment in microseconds since 1970-01-01T00:00:00Z.
using UnixMicros = std::int64_t;

/// When `record` was written: as its source knows it (packets, recorded events), else as its text says.
/// Understood in a text are seconds, milliseconds, microseconds or nanoseconds since 1970; ISO 8601 and
/// RFC 3339; "22/Nov/2026 04:59:25"; and syslog's "Nov 22 05:08:45", which means the latest such day up
/// to `now`. A time without a zone is local time of this machine. Nothing: there is no such time in the
/// record.
std::optional<UnixMicros> time_of(const Record& record, UnixMicros now);

/// The same of a text that was written just now on any machine: only a time since 1970 or with a zone, and none that is
/// more than a minute after `now`. `head`: what the broker wrote in front of the first text of a client, or a whole JSON
/// object, of which only its own members are read.
std::optional<UnixMicros> certain_time_of(std::string_view head, UnixMicros now);

/// The value of --since and --until: a time as above, "2026-11-22", "2026-11-22 05:08", or how long ago, such
/// as "15m", "36h" or "7d". Errors: invalid_config, with what to write.
Result<UnixMicros> parse_moment(std::string_view text, UnixMicros now);

/// "2026-11-22T05:08:45.123Z".
std::string to_text(UnixMicros time);

UnixMicros now_micros();

}  // namespace mre
