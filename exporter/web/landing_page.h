// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// The contents of the page at /.
struct LandingPage {
  std::vector<FeedSample> feeds;  ///< Those of one broker are adjacent.
  double now_seconds = 0;         ///< Unix time, for "12 s ago".
};

/// The page as HTML, to be put into the Layout. All texts from outside are escaped.
std::string render(const LandingPage& page);

}  // namespace mre
