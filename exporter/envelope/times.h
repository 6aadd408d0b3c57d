// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/envelope/text_cursor.h"

/// Parsers of times as collectors write them. Each consumes a time from the front; false: there is none.
namespace mre {

/// RFC 3339 with a zone, which journalctl -o short-iso wrote without its colon before systemd 255.
bool consume_time(TextCursor& cursor);

/// The same with a fraction of nine digits, as Docker and the kubelet write it; no broker does.
bool consume_nanosecond_time(TextCursor& cursor);

/// The time in front of the host in the lines of syslog files, of journalctl in each of its short forms and
/// of OpenWrt's logread:
///   Nov 22 05:08:45    Okt 07 15:28:03.123456    Nov 22 2026 05:08:45    2026-11-22T05:08:45.860015+00:00
///   Sun 2026-11-22 05:08:45 UTC    Sun Nov 22 05:08:45 2026    1795324125.860015    [   12.345678 <    0.1
///   >]
bool consume_syslog_time(TextCursor& cursor);

}  // namespace mre
