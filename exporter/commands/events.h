// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/cli/flags.h"

namespace mre {

/// Asks a running exporter for its last events and prints them, oldest first: one line each, or one JSON object each.
/// With `follow` it asks again every second and prints what is new, until it is interrupted. Errors: unavailable if the
/// exporter does not answer or refuses, invalid_config if the password cannot be read.
Result<void> print_events(const EventQuery& query, ListFormat format);

/// The path and query of the API. Texts are percent-encoded.
std::string events_path(const EventQuery& query);

/// One event of the API for people:
///   "2026-11-30T05:42:46.120Z  main  CONNACK 0x87 not_authorized  client=pump peer=192.0.2.7:49152"
/// Texts that the exporter did not make are safe for a terminal. Empty if `json` is not such an object.
std::string event_line(std::string_view json);

/// Why the exporter refused a request, for people: `body` is that of its answer with this status.
std::string refusal_text(int status, std::string_view body);

}  // namespace mre
