// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/metrics/catalog.h"
#include "exporter/metrics/exemplar.h"

/// What OpenMetrics 1.0 writes otherwise than the text format 0.0.4. Source:
/// https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
namespace mre {

/// The lines TYPE, UNIT and HELP of a family. A family of counters is named without `_total`. Where another metric has
/// that name, the family keeps `_total` and its type is `unknown`.
std::string openmetrics_head(const Metric& row);

/// What follows the value of a counter, from the space before `#`.
std::string openmetrics_exemplar(const Exemplar& exemplar);

}  // namespace mre
