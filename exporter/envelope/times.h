// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/envelope/words.h"

/// Times as collectors write them. Each consumes one from the left; false: there is none.
namespace mre {

/// RFC 3339 with a zone, which journalctl -o short-iso wrote without its colon before systemd 255.
bool take_time(Words& words);

/// The same with a fraction of nine digits, as Docker and the kubelet write it, and no broker.
bool take_nanosecond_time(Words& words);

/// What stands before the host in the lines of syslog files, of journalctl in each of its short forms and of
/// OpenWrt's logread:
///   Nov 22 05:08:45    Okt 07 15:28:03.123456    Nov 22 2026 05:08:45    2026-11-22T05:08:45.860015+00:00
///   Sun 2026-11-22 05:08:45 UTC    Sun Nov 22 05:08:45 2026    1795324125.860015    [   12.345678 <    0.1
///   >]
bool take_syslog_time(Words& words);

}  // namespace mre
