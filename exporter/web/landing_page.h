// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// What the page at / says.
struct LandingPage {
  std::string version;
  std::string revision;
  std::string telemetry_path;
  std::vector<FeedSample> feeds;  ///< Those of one broker stand together.
  double now_seconds = 0;         ///< Unix time, for "12 s ago".
};

/// The page as one HTML document that needs nothing else: no script, no font, no picture. Every text that
/// comes from outside is escaped.
std::string render(const LandingPage& page);

}  // namespace mre
