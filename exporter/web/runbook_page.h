// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "exporter/metrics/feed_sample.h"
#include "exporter/web/remembered.h"

namespace mre {

/// The page /runbook as HTML, to be put into the Layout. The chapter of a reason begins with what this exporter has
/// counted of it, and with the clients behind it; the chapter of an alert with what it watches.
std::string runbook_html(std::span<const FeedSample> feeds, const Remembered& remembered, double now_seconds);

}  // namespace mre
