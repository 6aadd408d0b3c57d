// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "exporter/base/build_info.h"
#include "exporter/metrics/feed_sample.h"
#include "exporter/metrics/process.h"

namespace mre {

/// The outcome of the last attempt to read a configuration.
struct ConfigStatus {
  bool last_reload_successful = true;
  double last_reload_success_timestamp_seconds = 0;  ///< Unix time.
};

/// What became of the events that are to be written as JSON lines, since the start.
struct EventLineCounts {
  std::uint64_t written = 0;
  std::uint64_t above_rate = 0;
  std::uint64_t queue_full = 0;
  std::uint64_t not_written = 0;  ///< The file could not be written.
};

enum class ExpositionFormat : std::uint8_t {
  text,         ///< The Prometheus text format 0.0.4.
  openmetrics,  ///< OpenMetrics 1.0, with the units and the exemplars that the text format has no place for.
};

/// All metrics: families in the order of the catalog, series sorted by their label values, so that the same numbers
/// always give the same text. Families without a series are left out, so an empty `ProcessStats{}` leaves out
/// process_*, and a missing ConfigStatus or EventLineCounts its metrics. Label values are valid UTF-8 without control characters, whatever
/// the names.
///
/// Requires that no two feeds have the same broker and source. Any thread.
std::string render(std::span<const FeedSample> feeds, const BuildInfo& build, const ProcessStats& process,
                   const std::optional<ConfigStatus>& config = std::nullopt,
                   const std::optional<ConfigStatus>& web_config = std::nullopt,
                   ExpositionFormat format = ExpositionFormat::text,
                   const std::optional<EventLineCounts>& event_lines = std::nullopt);

/// The metrics of these feeds as a JSON array with one series a line, in the order of `render`:
/// {"name":"mqtt_reason_codes_total","labels":{"broker":"hall",…},"value":5}. A value is a JSON number, exact up to
/// 2^53.
std::string render_json(std::span<const FeedSample> feeds);

}  // namespace mre
