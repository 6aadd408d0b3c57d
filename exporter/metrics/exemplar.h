// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace mre {

/// One of the events that a counter counted. OpenMetrics 1.0 serves it beside the counter (section "Exemplars"); the
/// text format 0.0.4 and JSON have no place for it.
struct Exemplar {
  /// Names that are valid label names, with any values. The exposition leaves out the labels with which names and
  /// values would have more than 128 characters, the limit of OpenMetrics.
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 1;
  double timestamp_seconds = 0;  ///< Unix time; 0: not known.
};

}  // namespace mre
