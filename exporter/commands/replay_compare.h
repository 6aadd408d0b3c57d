// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// A table for people: for each packet, direction and code how often it was on the wire, and how often the log (or
/// recorded events) reported it, explicitly or inferred. Versions of MQTT are summed up, because a log often does
/// not name them. Below the table: the packets that the log cannot show.
std::string compare_counts(const FeedSample& wire, const FeedSample& log);

}  // namespace mre
