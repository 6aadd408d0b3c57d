// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/http/query.h"
#include "exporter/web/remembered.h"

namespace mre {

/// The page /events as HTML, to be put into the Layout: the last errors and ends of connections, newest first, each with
/// its explanation. Of the query: broker, packet (also "end", "publish denied"), reason, client and peer (a part of
/// them), limit.
std::string events_html(const Remembered& remembered, const Query& query, double now_seconds);

/// /api/v1/events: the same as JSON.
std::string events_json(const Remembered& remembered, const Query& query);

}  // namespace mre
