// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "exporter/http/query.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// The page /codes as HTML, to be put into the Layout: the reference of all reason codes, with what this exporter has
/// counted. Of the query: `q` searches (mqtt::find_reasons), `broker` chooses one broker.
std::string codes_html(std::span<const FeedSample> feeds, const Query& query);

/// /api/v1/codes: the same facts as a JSON object; documented in static/openapi.json.
std::string codes_json(std::span<const FeedSample> feeds, const Query& query);

}  // namespace mre
