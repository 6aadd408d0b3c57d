// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "exporter/http/pages.h"
#include "exporter/metrics/count_history.h"
#include "exporter/metrics/feed_sample.h"
#include "exporter/web/layout.h"
#include "exporter/web/remembered.h"

namespace mre {

/// All pages except the metrics: those for people, and the files that they load. Any thread.
class WebPages {
 public:
  struct Inputs {
    std::function<std::vector<FeedSample>()> samples;  ///< Those of one broker are adjacent.
    std::function<double()> now_seconds;               ///< Unix time.
    std::function<Remembered()> remembered;
    CountHistory* counts;  ///< Not null. Outlives the pages.
  };

  WebPages(Layout layout, Inputs inputs);

  /// The page; nullopt if there is none at this path.
  std::optional<Page> answer(const PageRequest& request) const;

 private:
  Page page(const PageRequest& request, std::string_view title, std::string_view main) const;
  std::string now_html() const;

  const Layout layout_;
  const Inputs inputs_;
};

}  // namespace mre
