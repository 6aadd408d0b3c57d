// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "exporter/http/query.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// /api/v1/sources: the state of each source, what it shows and what it has counted, as JSON; documented in
/// static/openapi.json. Of the query: broker.
std::string sources_json(std::span<const FeedSample> feeds, const Query& query);

}  // namespace mre
