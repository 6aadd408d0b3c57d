// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/list_format.h"

namespace mre {

/// The catalog for people (text), for docs/metrics.md (markdown: one table) and for programs (json: one
/// array). Ends with a line end.
std::string render_metric_list(ListFormat format);

}  // namespace mre
