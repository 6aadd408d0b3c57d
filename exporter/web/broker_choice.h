// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// The names of the brokers, each once, in the order of the samples.
std::vector<std::string> broker_names(std::span<const FeedSample> feeds);

/// The samples of the broker; all if `broker` is empty.
std::vector<FeedSample> of_broker(std::span<const FeedSample> feeds, std::string_view broker);

/// A <label> with a <select> of the brokers, for a form; empty if there is only one broker and none is chosen.
std::string broker_choice(std::span<const FeedSample> feeds, std::string_view chosen);

}  // namespace mre
