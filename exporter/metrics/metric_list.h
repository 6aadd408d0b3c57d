#pragma once

#include <cstdint>
#include <string>

namespace mre {

enum class MetricListFormat : std::uint8_t { text, markdown, json };

/// The catalog for people (text), for docs/metrics.md (markdown: one table) and for programs (json: one
/// array). Ends with a line end.
std::string render_metric_list(MetricListFormat format);

}  // namespace mre
