// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/metrics/count_history.h"
#include "exporter/metrics/feed_sample.h"
#include "exporter/web/remembered.h"

namespace mre {

/// The contents of the page at /.
struct NowPage {
  std::vector<FeedSample> feeds;          ///< Those of one broker are adjacent.
  std::vector<CountHistory::Row> recent;  ///< Of the same moment.
  Remembered remembered;
  double now_seconds = 0;      ///< Unix time.
  double history_seconds = 0;  ///< How long the history has been recording.
};

/// The page as HTML, to be put into the Layout: for each broker whether something is wrong, as far as its sources show
/// it. It gives no all-clear for what they do not show. All texts from outside are escaped.
std::string render(const NowPage& page);

}  // namespace mre
