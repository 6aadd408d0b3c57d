// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "exporter/event/source_status.h"
#include "exporter/metrics/catalog.h"

namespace mre {

/// One counter that a source maintains itself. The checkpoint saves it, a restart restores it, and the exposition
/// serves it; all of them loop over this table. The catalog says which kinds of source have the metric.
struct SourceCounter {
  std::uint64_t SourceStatus::* member;
  std::optional<MetricId> metric;  ///< Nothing: it is a part of mqtt_reason_source_record_errors_total.
  std::string_view label = {};  ///< Value of the label after broker and source; empty: the metric has none.
};

/// A new counter of a source is a member of SourceStatus, a row of the catalog and a row here. The order is that of the
/// checkpoints: new rows are appended.
inline constexpr SourceCounter kSourceCounters[] = {
    {&SourceStatus::record_bytes, MetricId::source_record_bytes},
    {&SourceStatus::records_oversized, std::nullopt},
    {&SourceStatus::records_malformed, std::nullopt},
    {&SourceStatus::records_dropped, MetricId::source_records_dropped, "queue_full"},
    {&SourceStatus::failures, MetricId::source_failures},
    {&SourceStatus::renames, MetricId::log_rotations, "rename"},
    {&SourceStatus::truncations, MetricId::log_rotations, "truncate"},
    {&SourceStatus::lost_bytes, MetricId::log_lost},
    {&SourceStatus::connects, MetricId::source_connects},
    {&SourceStatus::resubscribes, MetricId::source_resubscribes},
    {&SourceStatus::retained_skipped, MetricId::source_retained_skipped},
    {&SourceStatus::nul_bytes_skipped, MetricId::log_nul_bytes},
    {&SourceStatus::files_ignored, MetricId::log_files_ignored},
    {&SourceStatus::read_errors, MetricId::log_read_errors},
    {&SourceStatus::watch_overflows, MetricId::log_watch_overflows},
    {&SourceStatus::sessions_lost, MetricId::source_sessions_lost},
    {&SourceStatus::redelivered, MetricId::source_redelivered},
    {&SourceStatus::frames, MetricId::capture_frames},
    {&SourceStatus::frames_unreadable, MetricId::capture_frames_unreadable},
    {&SourceStatus::frames_dropped_kernel, MetricId::capture_frames_dropped, "kernel"},
    {&SourceStatus::frames_dropped_interface, MetricId::capture_frames_dropped, "interface"},
    {&SourceStatus::connections_mqtt, MetricId::capture_connections_seen, "mqtt"},
    {&SourceStatus::connections_websocket, MetricId::capture_connections_seen, "websocket"},
    {&SourceStatus::connections_tls, MetricId::capture_connections_seen, "tls"},
    {&SourceStatus::connections_other, MetricId::capture_connections_seen, "other"},
    {&SourceStatus::connections_joined, MetricId::capture_connections_lost, "joined"},
    {&SourceStatus::connections_evicted, MetricId::capture_connections_lost, "evicted"},
    {&SourceStatus::connections_expired, MetricId::capture_connections_lost, "expired"},
    {&SourceStatus::directions_given_up, MetricId::capture_directions_given_up},
    {&SourceStatus::resynchronisations, MetricId::capture_resynchronisations},
    {&SourceStatus::missing_bytes, MetricId::capture_missing_bytes},
    {&SourceStatus::packets_ambiguous, MetricId::capture_ambiguous_packets},
    {&SourceStatus::connections_mirrored, MetricId::capture_connections_seen, "mirrored"},
    {&SourceStatus::packets_malformed, MetricId::capture_malformed_packets},
    {&SourceStatus::ends_unknown, MetricId::capture_ends_unknown},
    {&SourceStatus::records_invalid, MetricId::source_records_dropped, "invalid_publish"},
    {&SourceStatus::events_unproven, MetricId::capture_events_unproven},
};

/// Whether each row has the labels of its metric, and its metric is a counter.
constexpr bool source_counters_match_the_catalog() {
  for (const SourceCounter& row : kSourceCounters) {
    if (!row.metric) continue;
    const Metric& metric_row = metric(*row.metric);
    if (metric_row.type != MetricType::counter) return false;
    if (metric_row.labels.count != (row.label.empty() ? 2U : 3U)) return false;
  }
  return true;
}
static_assert(source_counters_match_the_catalog());

}  // namespace mre
