// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "exporter/http/pages.h"
#include "exporter/metrics/feed_sample.h"
#include "exporter/web/remembered.h"

namespace mre {

/// What the pages for programs are made of.
struct ApiInputs {
  std::vector<FeedSample> feeds;
  Remembered remembered;
  double now_seconds = 0;  ///< Unix time.
};

/// The pages for programs, below /api/v1/: JSON, described by static/openapi.json, which is one of them. An error is
/// {"error":"…"}: 400 for an unknown parameter or value, 404 for an unknown broker, 406 if the client does not accept
/// JSON. nullopt: no such path. Answers are bounded.
std::optional<Page> api_page(const PageRequest& request, const ApiInputs& inputs);

}  // namespace mre
