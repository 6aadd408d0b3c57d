// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// A table for people: for each packet, direction and code what the captured packets had, and what a log or
/// recorded events told of it, as the code itself or in words. Over all versions of MQTT, because a log often
/// does not say which. Below it, what it could not have told at all.
std::string compare_counts(const FeedSample& wire, const FeedSample& told);

}  // namespace mre
