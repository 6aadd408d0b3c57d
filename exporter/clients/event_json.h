// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/clients/recent_events.h"

namespace mre {

/// An event as a JSON object without line ends, for the API and for event lines:
///   {"time":"2026-11-30T05:42:46.120Z","number":7,"broker":"main","source":"log","kind":"code","packet":"CONNACK",
///    "direction":"sent","protocol":"5.0","code":"0x87","reason":"not_authorized","class":"error",
///    "evidence":"explicit","client":"pump","user":"bob","peer":"192.0.2.7:49152"}
/// `kind` is "code", "end" (with `initiator`) or "denial" (with `action`). What is not known is left out.
std::string event_json(std::string_view broker, const RecentEvent& event);

/// "2026-11-30T05:42:46.120Z"
std::string utc_time(double unix_seconds);

}  // namespace mre
