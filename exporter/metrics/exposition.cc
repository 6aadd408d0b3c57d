// SPDX-License-Identifier: Apache-2.0
// Of prometheus-cpp only the data model (MetricFamily, ClientMetric) and TextSerializer are used: they write the text
// format, with its rules for escaping and numbers. Its registry and its counters are not used, because the exporter's
// counters belong to the threads of the feeds, are saved in checkpoints, and are served as one moment of a feed. Its
// server is not used, because exporter/http limits what clients can consume. TextSerializer does not escape help texts
// and trusts label values: catalog.cc checks the former at compile time, `printable` makes the latter valid UTF-8.
#include "exporter/metrics/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/enum_index.h"
#include "exporter/base/text.h"
#include "exporter/event/event_text.h"
#include "exporter/metrics/catalog.h"
#include "exporter/metrics/source_counters.h"

namespace mre {
namespace {

/// The series of one answer, a family for each row of the catalog.
class Families {
 public:
  Families() : families_(std::size(kCatalog)) {
    for (const Metric& row : kCatalog) {
      auto& family = families_[static_cast<std::size_t>(row.id)];
      family.name = row.name;
      family.help = row.help;
      family.type =
          row.type == MetricType::counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    }
  }

  /// Adds a series with the label values in the order of the catalog.
  template <MetricId id, class... Values>
  void add(double value, const Values&... labels) {
    constexpr const Metric& row = metric(id);
    static_assert(sizeof...(labels) == row.labels.count);
    prometheus::ClientMetric series;
    (series.label.push_back({std::string(row.labels.names[series.label.size()]), printable(labels)}), ...);
    if constexpr (row.type == MetricType::counter) {
      series.counter.value = value;
    } else {
      series.gauge.value = value;
    }
    families_[static_cast<std::size_t>(id)].metric.push_back(std::move(series));
  }

  template <MetricId id, class... Values>
  void add(std::uint64_t value, const Values&... labels) {
    add<id>(static_cast<double>(value), labels...);
  }

  /// Adds a counter of a source with the labels broker and source, and one more unless `label` is empty.
  void add_source_counter(MetricId id, std::uint64_t value, const FeedSample& feed, std::string_view label) {
    const Metric& row = metric(id);
    prometheus::ClientMetric series;
    for (const std::string_view text :
         {std::string_view(feed.broker), std::string_view(feed.source), label}) {
      if (series.label.size() < row.labels.count)
        series.label.push_back({std::string(row.labels.names[series.label.size()]), printable(text)});
    }
    series.counter.value = static_cast<double>(value);
    families_[static_cast<std::size_t>(id)].metric.push_back(std::move(series));
  }

  std::string text() && {
    arrange();
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return std::move(out).str();
  }

  /// A JSON array with one series a line.
  std::string json() && {
    arrange();
    std::string out;
    for (const auto& family : families_) {
      for (const auto& series : family.metric) {
        out.append(out.empty() ? "[" : ",\n ")
            .append(R"({"name":")")
            .append(family.name)
            .append(R"(","labels":{)");
        std::string_view comma;
        for (const auto& label : series.label) {
          out.append(std::exchange(comma, ",")).append("\"").append(label.name).append("\":\"");
          out.append(json_escape(label.value)).append("\"");
        }
        const bool counts = family.type == prometheus::MetricType::Counter;
        append_number(counts ? series.counter.value : series.gauge.value, out.append("},\"value\":"));
        out += '}';
      }
    }
    return out.empty() ? "[]\n" : out + "]\n";
  }

 private:
  static void append_number(double value, std::string& out) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), end.ptr);
  }

  /// Leaves out families without a series and sorts the series by their labels.
  void arrange() {
    std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
    for (auto& family : families_)
      std::sort(family.metric.begin(), family.metric.end(),
                [](const auto& a, const auto& b) { return a.label < b.label; });
  }

  std::vector<prometheus::MetricFamily> families_;
};

/// The packet that a denial without a code is an answer to.
constexpr std::string_view packet_of(Action action) {
  constexpr std::string_view names[kActions] = {"PUBLISH", "SUBSCRIBE", "CONNECT"};
  return names[index_of(action)];
}

/// Adds what one feed has counted.
class FeedFamilies {
 public:
  FeedFamilies(Families& families, const FeedSample& feed) : families_(families), feed_(feed) {}

  void add_all() {
    add_checkpoint();
    if (feed_.withheld) return;
    for (const auto& series : feed_.counts.codes)
      if (series.count > 0 || feed_.authority.ever_counts(series.event)) add_code<MetricId::codes>(series);
    for (const auto& series : feed_.shadow.codes)
      if (series.count > 0 || feed_.authority.ever_yields(series.event))
        add_code<MetricId::shadow_codes>(series);
    for (const auto& series : feed_.counts.closes)
      if (series.count > 0 || feed_.authority.ever_counts(series.event)) add_close(series);
    for (const auto& series : feed_.counts.denials)
      if (series.count > 0 || feed_.authority.ever_counts(series.event)) add_denial(series);
    add_observable();
    add<MetricId::series_limit_hits>(feed_.counts.series_limit_hits + feed_.shadow.series_limit_hits);
    add_source();
    add_records_and_clients();
  }

 private:
  /// Adds a series whose first labels are broker and source, if sources of this kind have it.
  template <MetricId id, class Number, class... Values>
  void add(Number value, const Values&... labels) {
    if (has(metric(id))) families_.add<id>(value, feed_.broker, feed_.source, labels...);
  }

  bool has(const Metric& row) const { return row.source_kind.value_or(feed_.kind) == feed_.kind; }

  template <MetricId id>
  void add_code(const ReasonCounters::CodeCount& series) {
    const ReasonEvent& event = series.event;
    const std::string_view known = series.row != nullptr ? series.row->label : "unknown";
    add<id>(series.count, to_string(event.packet), to_string(event.direction), to_string(event.protocol),
            series.other ? std::string("other") : code_label(event.code), series.other ? "other" : known,
            to_string(series.cls), to_string(event.evidence));
  }

  void add_close(const ReasonCounters::CloseCount& series) {
    const mqtt::CloseReasonRow& row = mqtt::close_reasons()[series.event.reason];
    add<MetricId::closes_without_code>(series.count, to_string(series.event.protocol), row.label,
                                       to_string(series.event.initiator), to_string(row.cls));
  }

  void add_denial(const ReasonCounters::DenialCount& series) {
    const mqtt::CloseReasonRow& row = mqtt::close_reasons()[series.event.reason];
    add<MetricId::denials_without_code>(series.count, to_string(series.event.protocol),
                                        to_string(series.event.action), row.label, to_string(row.cls));
  }

  void add_observable() {
    std::set<std::pair<mqtt::Packet, mqtt::Direction>> pairs;
    std::set<mqtt::Packet> packets;
    for (const ReasonEvent& event : feed_.coverage.codes) {
      pairs.emplace(event.packet, event.direction);
      packets.insert(event.packet);
    }
    for (const auto& [packet, direction] : pairs) {
      const bool shown = feed_.visibility.codes[index_of(packet)][index_of(direction)];
      add<MetricId::observable>(shown && !feed_.status.unreadable ? 1.0 : 0.0, to_string(packet),
                                to_string(direction));
    }
    std::set<Action> actions;
    for (const DenialEvent& event : feed_.coverage.denials) actions.insert(event.action);
    for (const Action action : actions)
      add<MetricId::observable>(feed_.visibility.denials[index_of(action)] ? 1.0 : 0.0, packet_of(action),
                                to_string(mqtt::Direction::received));
    for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
      const auto packet = static_cast<mqtt::Packet>(i);
      const std::uint64_t count = feed_.counts.unknown_codes[i] + feed_.shadow.unknown_codes[i];
      if (count > 0 || packets.contains(packet)) add<MetricId::unknown_codes>(count, to_string(packet));
    }
  }

  void add_source() {
    const SourceStatus& status = feed_.status;
    add<MetricId::source_last_record_timestamp>(feed_.last_record_timestamp_seconds);
    add<MetricId::source_last_event_timestamp>(feed_.last_event_timestamp_seconds);
    for (std::size_t i = 0; i < kOutcomes; ++i)
      add<MetricId::source_records>(feed_.records[i], to_string(static_cast<Outcome>(i)));
    for (const SourceCounter& counter : kSourceCounters) {
      if (counter.metric && has(metric(*counter.metric)))
        families_.add_source_counter(*counter.metric, status.*counter.member, feed_, counter.label);
    }
    add<MetricId::source_silent>(status.silent ? 1.0 : 0.0);
    add<MetricId::log_lag>(status.lag_bytes);
    add<MetricId::log_files_open>(status.files_open);
    add<MetricId::log_watching>(status.watching ? 1.0 : 0.0);
    add<MetricId::capture_connections>(status.connections);
  }

  void add_checkpoint() {
    const CheckpointStatus& checkpoint = feed_.checkpoint;
    add<MetricId::source_up>(feed_.status.up ? 1.0 : 0.0);
    add<MetricId::checkpoint_durable>(checkpoint.durable ? 1.0 : 0.0);
    add<MetricId::checkpoint_writes>(checkpoint.writes);
    add<MetricId::checkpoint_write_failures>(checkpoint.failures);
    add<MetricId::checkpoint_last_write_timestamp>(checkpoint.last_write_timestamp_seconds);
    for (std::size_t i = 0; i < kCheckpointRejects; ++i)
      add<MetricId::checkpoint_rejected>(checkpoint.rejected[i], to_string(static_cast<CheckpointReject>(i)));
    add<MetricId::checkpoint_withheld>(feed_.withheld ? 1.0 : 0.0);
  }

  void add_records_and_clients() {
    for (std::size_t i = 0; i < kRecordErrors; ++i)
      if (const auto cause = static_cast<RecordError>(i); cause != RecordError::none)
        add<MetricId::source_record_errors>(feed_.record_errors[i], to_string(cause));
    if (!feed_.decoder.broker_version.empty())
      add<MetricId::broker_info>(1.0, feed_.decoder.broker_version,
                                 feed_.decoder.broker_version_checked ? "true" : "false");
    if (feed_.decoder.broker_starts) add<MetricId::broker_starts>(*feed_.decoder.broker_starts);
    if (!feed_.near_miss.empty()) add<MetricId::profile_near_miss>(1.0, feed_.near_miss);
    add<MetricId::clients_remembered>(feed_.decoder.clients_remembered);
    add<MetricId::clients_forgotten>(feed_.decoder.clients_forgotten);
  }

  Families& families_;
  const FeedSample& feed_;
};

void add_process(Families& families, const ProcessStats& process) {
  if (process.cpu_seconds) families.add<MetricId::process_cpu>(*process.cpu_seconds);
  if (process.resident_memory_bytes)
    families.add<MetricId::process_resident_memory>(*process.resident_memory_bytes);
  if (process.virtual_memory_bytes)
    families.add<MetricId::process_virtual_memory>(*process.virtual_memory_bytes);
  if (process.open_fds) families.add<MetricId::process_open_fds>(*process.open_fds);
  if (process.max_fds) families.add<MetricId::process_max_fds>(*process.max_fds);
  if (process.start_time_seconds) families.add<MetricId::process_start_time>(*process.start_time_seconds);
}

}  // namespace

std::string render_json(std::span<const FeedSample> feeds) {
  Families families;
  for (const FeedSample& feed : feeds) FeedFamilies(families, feed).add_all();
  return std::move(families).json();
}

std::string render(std::span<const FeedSample> feeds, const BuildInfo& build, const ProcessStats& process,
                   const std::optional<ConfigStatus>& config, const std::optional<ConfigStatus>& web_config) {
  Families families;
  for (const FeedSample& feed : feeds) FeedFamilies(families, feed).add_all();
  if (config) {
    families.add<MetricId::config_reload_successful>(config->last_reload_successful ? 1.0 : 0.0);
    families.add<MetricId::config_reload_success_timestamp>(config->last_reload_success_timestamp_seconds);
  }
  if (web_config) {
    families.add<MetricId::web_config_reload_successful>(web_config->last_reload_successful ? 1.0 : 0.0);
    families.add<MetricId::web_config_reload_success_timestamp>(
        web_config->last_reload_success_timestamp_seconds);
  }
  families.add<MetricId::build_info>(1.0, build.version, build.revision, build.compiler);
  add_process(families, process);
  return std::move(families).text();
}

}  // namespace mre
