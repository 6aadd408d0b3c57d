#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

/// The table of all metrics. Exposition, `list metrics` and the README read it; nothing else spells a
/// metric's name, help, type or labels. Names and labels are an API for users: renaming one breaks their
/// dashboards.
namespace mre {

enum class MetricType : std::uint8_t { counter, gauge };
constexpr std::string_view to_string(MetricType type) {
  return type == MetricType::counter ? "counter" : "gauge";
}

enum class MetricId : std::uint8_t {
  codes,
  shadow_codes,
  closes_without_code,
  observable,
  unknown_codes,
  series_limit_hits,
  source_up,
  source_last_record_timestamp,
  source_last_event_timestamp,
  source_records,
  source_record_bytes,
  source_record_errors,
  source_records_dropped,
  source_failures,
  source_connects,
  source_resubscribes,
  source_retained_skipped,
  source_redelivered,
  source_sessions_lost,
  source_silent,
  log_lag,
  log_rotations,
  log_lost,
  log_nul_bytes,
  log_files_open,
  log_files_ignored,
  log_read_errors,
  log_watching,
  log_watch_overflows,
  checkpoint_durable,
  checkpoint_writes,
  checkpoint_write_failures,
  checkpoint_last_write_timestamp,
  checkpoint_rejected,
  checkpoint_withheld,
  clients_remembered,
  clients_forgotten,
  build_info,
  process_cpu,
  process_resident_memory,
  process_virtual_memory,
  process_open_fds,
  process_max_fds,
  process_start_time,
};

struct MetricLabels {
  std::array<std::string_view, 9> names{};
  std::size_t count = 0;

  template <class... Names>
  constexpr MetricLabels(Names... all)
      : names{all...}, count(sizeof...(all)) {}  // NOLINT: a row lists them bare
  constexpr std::span<const std::string_view> all() const { return {names.data(), count}; }
};

struct Metric {
  MetricId id;
  MetricType type;
  std::string_view name;
  MetricLabels labels;
  std::string_view source_kind;  ///< Only sources of this kind have it; empty: all.
  std::string_view help;         ///< One line without backslash: prometheus-cpp writes it as it is.
};

// clang-format off
inline constexpr Metric kCatalog[] = {
  {MetricId::codes, MetricType::counter, "mqtt_reason_codes_total",
   {"broker", "source", "packet", "direction", "protocol", "code", "reason", "class", "evidence"}, "",
   "MQTT reason codes seen, each event counted once per broker, whatever sources are configured."},
  {MetricId::shadow_codes, MetricType::counter, "mqtt_reason_shadow_codes_total",
   {"broker", "source", "packet", "direction", "protocol", "code", "reason", "class", "evidence"}, "",
   "The same events as another source of the broker saw them, for comparison. Do not add to mqtt_reason_codes_total."},
  {MetricId::closes_without_code, MetricType::counter, "mqtt_reason_closes_without_code_total",
   {"broker", "source", "protocol", "reason", "initiator", "class"}, "",
   "Connections that ended for a known reason without a reason code on the wire."},
  {MetricId::observable, MetricType::gauge, "mqtt_reason_observable",
   {"broker", "source", "packet", "direction"}, "",
   "1 for each packet and direction whose reason codes this source can see. Where it is missing, the source is blind."},
  {MetricId::unknown_codes, MetricType::counter, "mqtt_reason_unknown_codes_total",
   {"broker", "source", "packet"}, "",
   "Reason codes that the MQTT standard does not know for that packet."},
  {MetricId::series_limit_hits, MetricType::counter, "mqtt_reason_series_limit_hits_total",
   {"broker", "source"}, "",
   "Reason codes counted with code=other because the limit of series was reached."},

  {MetricId::source_up, MetricType::gauge, "mqtt_reason_source_up",
   {"broker", "source"}, "",
   "1 while the source can be read: the log is open, or the broker has granted the subscriptions. Else 0."},
  {MetricId::source_last_record_timestamp, MetricType::gauge, "mqtt_reason_source_last_record_timestamp_seconds",
   {"broker", "source"}, "",
   "Unix time at which the last record was read. 0 if there was none yet."},
  {MetricId::source_last_event_timestamp, MetricType::gauge, "mqtt_reason_source_last_event_timestamp_seconds",
   {"broker", "source"}, "",
   "Unix time at which the last record that told a reason was read. 0 if there was none yet."},
  {MetricId::source_records, MetricType::counter, "mqtt_reason_source_records_total",
   {"broker", "source", "outcome"}, "",
   "Records (log lines or MQTT messages) read, by what became of them."},
  {MetricId::source_record_bytes, MetricType::counter, "mqtt_reason_source_record_bytes_total",
   {"broker", "source"}, "",
   "Bytes of the records read, without line ends."},
  {MetricId::source_record_errors, MetricType::counter, "mqtt_reason_source_record_errors_total",
   {"broker", "source", "cause"}, "",
   "Records that could not be understood, by cause. They are the records with outcome=malformed or unrecognised."},
  {MetricId::source_records_dropped, MetricType::counter, "mqtt_reason_source_records_dropped_total",
   {"broker", "source", "cause"}, "",
   "Records lost before they were read, by cause."},
  {MetricId::source_failures, MetricType::counter, "mqtt_reason_source_failures_total",
   {"broker", "source"}, "",
   "Attempts to open the log or to connect to the broker that failed."},
  {MetricId::source_connects, MetricType::counter, "mqtt_reason_source_connects_total",
   {"broker", "source"}, "mqtt",
   "Connections to the broker that it accepted."},
  {MetricId::source_resubscribes, MetricType::counter, "mqtt_reason_source_resubscribes_total",
   {"broker", "source"}, "mqtt",
   "Times the broker granted all subscriptions. Once after each connection."},
  {MetricId::source_retained_skipped, MetricType::counter, "mqtt_reason_source_retained_skipped_total",
   {"broker", "source"}, "mqtt",
   "Retained messages received. They are a state, not an event, and count no reason code."},
  {MetricId::source_redelivered, MetricType::counter, "mqtt_reason_source_redelivered_total",
   {"broker", "source"}, "mqtt",
   "Messages that the broker marked as sent before (DUP). What was taken since the start is not counted again."},
  {MetricId::source_sessions_lost, MetricType::counter, "mqtt_reason_source_sessions_lost_total",
   {"broker", "source"}, "mqtt",
   "Connects at which the broker no longer had our session. Messages of the time before may be missing."},
  {MetricId::source_silent, MetricType::gauge, "mqtt_reason_source_silent",
   {"broker", "source"}, "mqtt",
   "1 while nothing at all has come since the subscription, for long. A broker whose ACL denies reading looks like this."},
  {MetricId::log_lag, MetricType::gauge, "mqtt_reason_log_lag_bytes",
   {"broker", "source"}, "log",
   "Bytes that the broker has written to the log and that are not read yet."},
  {MetricId::log_rotations, MetricType::counter, "mqtt_reason_log_rotations_total",
   {"broker", "source", "kind"}, "log",
   "Times the log was rotated, by how: rename (a new file under the name) or truncate (the same file made shorter)."},
  {MetricId::log_lost, MetricType::counter, "mqtt_reason_log_lost_bytes_total",
   {"broker", "source"}, "log",
   "Bytes of the log known to be lost."},
  {MetricId::log_nul_bytes, MetricType::counter, "mqtt_reason_log_nul_bytes_skipped_total",
   {"broker", "source"}, "log",
   "NULs skipped at the start of a line: a hole that a broker leaves when its log is truncated under it."},
  {MetricId::log_files_open, MetricType::gauge, "mqtt_reason_log_files_open",
   {"broker", "source"}, "log",
   "Log files that are open: those that have the name, and rotated ones that may still be written to."},
  {MetricId::log_files_ignored, MetricType::counter, "mqtt_reason_log_files_ignored_total",
   {"broker", "source"}, "log",
   "Files of a pattern that are not followed, because there are more than max_files."},
  {MetricId::log_read_errors, MetricType::counter, "mqtt_reason_log_read_errors_total",
   {"broker", "source"}, "log",
   "Reads of an open log that failed, and compressed logs that are damaged."},
  {MetricId::log_watching, MetricType::gauge, "mqtt_reason_log_watching",
   {"broker", "source"}, "log",
   "1 while inotify tells of changes. 0: they are found by looking, four times a second."},
  {MetricId::log_watch_overflows, MetricType::counter, "mqtt_reason_log_watch_overflows_total",
   {"broker", "source"}, "log",
   "Times the kernel dropped events of inotify. Each is answered with a look at everything."},
  {MetricId::checkpoint_durable, MetricType::gauge, "mqtt_reason_checkpoint_durable",
   {"broker", "source"}, "",
   "1 while what is served is on disk and survives a restart. 0: it is in memory only."},
  {MetricId::checkpoint_writes, MetricType::counter, "mqtt_reason_checkpoint_writes_total",
   {"broker", "source"}, "",
   "Checkpoints written since the start: before a scrape is answered, and each second while something is counted."},
  {MetricId::checkpoint_write_failures, MetricType::counter, "mqtt_reason_checkpoint_write_failures_total",
   {"broker", "source"}, "",
   "Checkpoints that could not be written."},
  {MetricId::checkpoint_last_write_timestamp, MetricType::gauge, "mqtt_reason_checkpoint_last_write_timestamp_seconds",
   {"broker", "source"}, "",
   "Unix time at which the last checkpoint was written. 0 if none was since the start."},
  {MetricId::checkpoint_rejected, MetricType::counter, "mqtt_reason_checkpoint_rejected_total",
   {"broker", "source", "cause"}, "",
   "Checkpoint files found at the start that could not be taken over, by cause."},
  {MetricId::checkpoint_withheld, MetricType::gauge, "mqtt_reason_checkpoint_withheld",
   {"broker", "source"}, "",
   "1 while the counters of the source are not served, because they come from an older checkpoint and the log is still being read up to its end."},
  {MetricId::clients_remembered, MetricType::gauge, "mqtt_reason_clients_remembered",
   {"broker", "source"}, "",
   "Clients whose protocol version is remembered."},
  {MetricId::clients_forgotten, MetricType::counter, "mqtt_reason_clients_forgotten_total",
   {"broker", "source"}, "",
   "Clients dropped from that memory because it was full. Their later events have protocol=unknown."},

  {MetricId::build_info, MetricType::gauge, "mqtt_reason_exporter_build_info",
   {"version", "revision", "compiler"}, "",
   "Always 1. The labels say which exporter this is."},
  {MetricId::process_cpu, MetricType::counter, "process_cpu_seconds_total", {}, "",
   "Total user and system CPU time spent in seconds."},
  {MetricId::process_resident_memory, MetricType::gauge, "process_resident_memory_bytes", {}, "",
   "Resident memory size in bytes."},
  {MetricId::process_virtual_memory, MetricType::gauge, "process_virtual_memory_bytes", {}, "",
   "Virtual memory size in bytes."},
  {MetricId::process_open_fds, MetricType::gauge, "process_open_fds", {}, "",
   "Number of open file descriptors."},
  {MetricId::process_max_fds, MetricType::gauge, "process_max_fds", {}, "",
   "Maximum number of open file descriptors."},
  {MetricId::process_start_time, MetricType::gauge, "process_start_time_seconds", {}, "",
   "Start time of the process since unix epoch in seconds."},
};
// clang-format on

constexpr const Metric& metric(MetricId id) { return kCatalog[static_cast<std::size_t>(id)]; }

}  // namespace mre
