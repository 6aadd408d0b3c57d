// SPDX-License-Identifier: Apache-2.0
// Labels are rendered once: those of events when their series is born (series_labels.h), those of the catalog's other
// metrics at the first answer, and broker and source once for each feed of an answer. An answer copies these texts and
// writes numbers, in 1/30 of the time that it took to build every label (265 series; tests/bench/compare, row 5).
//
// Of prometheus-cpp the data model and TextSerializer are used: they write the HELP and TYPE lines of a family in the
// text format, and a test has them write all series of an answer again, with their rules for escaping and numbers, and
// compares the bytes. Its registry and its counters are not used, because the exporter's counters belong to the threads
// of the feeds, are saved in checkpoints, and are served as one moment of a feed. Its server is not used, because
// exporter/http limits what clients can consume. TextSerializer does not escape help texts: catalog.cc checks them when
// the program is compiled.
#include "exporter/metrics/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/enum_index.h"
#include "exporter/base/text.h"
#include "exporter/metrics/catalog.h"
#include "exporter/metrics/openmetrics.h"
#include "exporter/metrics/series_labels.h"
#include "exporter/metrics/source_counters.h"

namespace mre {
namespace {

enum class Syntax : std::uint8_t { text, openmetrics, json };

void append_number(double value, Syntax syntax, std::string& out) {
  std::array<char, 32> digits{};
  constexpr int like_prometheus_cpp = 16;
  const auto end = syntax == Syntax::text ? std::to_chars(digits.begin(), digits.end(), value,
                                                          std::chars_format::general, like_prometheus_cpp)
                                          : std::to_chars(digits.begin(), digits.end(), value);
  out.append(digits.begin(), end.ptr);
}

/// Without an exponent as long as a double is exact.
void append_number(std::uint64_t value, Syntax syntax, std::string& out) {
  constexpr std::uint64_t exact = std::uint64_t{1} << 53;
  if (value > exact) return append_number(static_cast<double>(value), syntax, out);
  std::array<char, 32> digits{};
  out.append(digits.begin(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

/// Labels of the text format as members of a JSON object. Their values are printable, so that the escapes are the same.
void append_json_members(std::string_view labels, std::string& out) {
  bool in_value = false;
  char before = ',';
  for (const char c : labels) {
    if (!in_value && before == ',') out += '"';
    if (!in_value && c == '=') out += "\":";
    if (in_value || c != '=') out += c;
    if (c == '"' && !(in_value && before == '\\')) in_value = !in_value;
    before = before == '\\' ? ' ' : c;
  }
}

std::string text_head(const Metric& row) {
  prometheus::MetricFamily family;
  family.name = row.name;
  family.help = row.help;
  family.type =
      row.type == MetricType::counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  return prometheus::TextSerializer().Serialize({family});
}

/// What precedes the series of each row of the catalog.
const std::vector<std::string>& heads(Syntax syntax) {
  const auto all = [](const auto& head_of) {
    std::vector<std::string> heads;
    for (const Metric& row : kCatalog) heads.push_back(head_of(row));
    return heads;
  };
  static const std::vector<std::string> text = all(text_head);
  static const std::vector<std::string> openmetrics = all(openmetrics_head);
  static const std::vector<std::string> json(std::size(kCatalog));
  return syntax == Syntax::text ? text : syntax == Syntax::openmetrics ? openmetrics : json;
}

/// The series of one answer, by the rows of the catalog.
class Answer {
 public:
  explicit Answer(Syntax syntax) : syntax_(syntax) {}

  /// Adds a series after the others of its family. `owner` are the labels broker and source, or all labels.
  void add(MetricId id, auto value, std::string_view owner, std::string_view labels = {},
           const Exemplar* exemplar = nullptr) {
    std::string& out = series_[index_of(id)];
    if (syntax_ == Syntax::json) return add_json(metric(id).name, value, owner, labels, out);
    out += metric(id).name;
    if (!owner.empty()) {
      out.append("{").append(owner);
      if (!labels.empty()) out.append(",").append(labels);
      out += '}';
    }
    out += ' ';
    append_number(value, syntax_, out);
    if (exemplar != nullptr && syntax_ == Syntax::openmetrics) out += openmetrics_exemplar(*exemplar);
    out += '\n';
  }

  /// All of them; families without a series are left out.
  std::string text() const {
    std::size_t size = 0;
    for (std::size_t i = 0; i < series_.size(); ++i) size += series_[i].size() + heads(syntax_)[i].size();
    std::string out;
    out.reserve(size + 8);
    for (std::size_t i = 0; i < series_.size(); ++i)
      if (!series_[i].empty()) out.append(heads(syntax_)[i]).append(series_[i]);
    if (syntax_ == Syntax::openmetrics) out += "# EOF\n";
    return out;
  }

 private:
  static void add_json(std::string_view name, auto value, std::string_view owner, std::string_view labels,
                       std::string& out) {
    out.append(R"({"name":")").append(name).append(R"(","labels":{)");
    append_json_members(owner, out);
    if (!labels.empty()) out += ',';
    append_json_members(labels, out);
    append_number(value, Syntax::json, out.append("},\"value\":"));
    out += "},\n ";
  }

  const Syntax syntax_;
  std::array<std::string, std::size(kCatalog)> series_;
};

/// What a metric has series of, with their labels after broker and source, in the order of the labels.
template <class Value>
struct Labelled {
  std::string labels;
  Value value;
};
template <class Value>
using LabelledValues = std::vector<Labelled<Value>>;

template <class Value>
LabelledValues<Value> sorted(LabelledValues<Value> values) {
  std::ranges::sort(values, {}, &Labelled<Value>::labels);
  return values;
}

/// The enumerators below `count` as the one label of a metric.
template <MetricId id, class Enum>
LabelledValues<Enum> each(std::size_t count) {
  LabelledValues<Enum> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back({label_text<id>(to_string(static_cast<Enum>(i))), static_cast<Enum>(i)});
  return sorted(std::move(values));
}

/// What can be visible: the codes of a packet and direction, then the denials of an action.
constexpr std::size_t kCodePlaces = mqtt::kPackets * mqtt::kDirections;
using Places = std::array<bool, kCodePlaces + kActions>;

constexpr std::size_t place_of(mqtt::Packet packet, mqtt::Direction direction) {
  return index_of(packet) * mqtt::kDirections + index_of(direction);
}
constexpr std::size_t place_of(Action action) { return kCodePlaces + index_of(action); }

LabelledValues<std::size_t> places() {
  LabelledValues<std::size_t> values;
  const auto add = [&](std::string_view packet, mqtt::Direction direction, std::size_t place) {
    values.push_back({label_text<MetricId::observable>(packet, to_string(direction)), place});
  };
  for (std::size_t p = 0; p < mqtt::kPackets; ++p) {
    for (std::size_t d = 0; d < mqtt::kDirections; ++d) {
      const auto packet = static_cast<mqtt::Packet>(p);
      const auto direction = static_cast<mqtt::Direction>(d);
      add(to_string(packet), direction, place_of(packet, direction));
    }
  }
  add("PUBLISH", mqtt::Direction::received, place_of(Action::publish));
  add("SUBSCRIBE", mqtt::Direction::received, place_of(Action::subscribe));
  add("CONNECT", mqtt::Direction::received, place_of(Action::connect));
  return sorted(std::move(values));
}

LabelledValues<SourceCounter> source_counters() {
  LabelledValues<SourceCounter> values;
  for (const SourceCounter& counter : kSourceCounters) {
    std::string labels;
    if (!counter.label.empty()) append_label(metric(*counter.metric).labels.names[2], counter.label, labels);
    if (counter.metric) values.push_back({std::move(labels), counter});
  }
  return sorted(std::move(values));
}

/// Adds what one feed has counted.
class FeedFamilies {
 public:
  /// `owner`: the labels broker and source.
  FeedFamilies(Answer& answer, const FeedSample& feed, std::string_view owner)
      : answer_(answer), feed_(feed), owner_(owner) {}

  void add_all() {
    add_checkpoint();
    if (feed_.withheld) return;
    const auto counts = [this](const auto& event) { return feed_.authority.ever_counts(event); };
    const auto yields = [this](const auto& event) { return feed_.authority.ever_yields(event); };
    add_events(MetricId::codes, feed_.counts.codes, counts);
    add_events(MetricId::shadow_codes, feed_.shadow.codes, yields);
    add_events(MetricId::closes_without_code, feed_.counts.closes, counts);
    add_events(MetricId::denials_without_code, feed_.counts.denials, counts);
    add_observable();
    add(MetricId::series_limit_hits, feed_.counts.series_limit_hits + feed_.shadow.series_limit_hits);
    add_source();
    add_records_and_clients();
  }

 private:
  /// Adds a series if sources of this kind have it. `labels` are those after broker and source.
  void add(MetricId id, auto value, std::string_view labels = {}, const Exemplar* exemplar = nullptr) {
    if (metric(id).source_kind.value_or(feed_.kind) == feed_.kind)
      answer_.add(id, value, owner_, labels, exemplar);
  }
  void add(MetricId id, bool value, std::string_view labels = {}) { add(id, std::uint64_t{value}, labels); }

  /// Adds the series that have events or, by `expected`, may have some.
  template <class Series>
  void add_events(MetricId id, const SeriesList<Series>& list, const auto& expected) {
    for (const auto index : list.by_labels()) {
      const Series& series = list[index];
      if (series.count == 0 && !expected(series.event)) continue;
      if constexpr (requires { series.exemplar; }) {
        add(id, series.count, series.labels, series.exemplar.get());
      } else {
        add(id, series.count, series.labels);
      }
    }
  }

  /// Adds a series for each enumerator of a label: numbers[enumerator].
  template <MetricId id, class Enum, std::size_t count>
  void add_each(const std::array<std::uint64_t, count>& numbers) {
    static const auto values = each<id, Enum>(count);
    for (const auto& [labels, value] : values) add(id, numbers[index_of(value)], labels);
  }

  void add_observable() {
    Places covered{};
    Places visible{};
    for (const ReasonEvent& event : feed_.coverage.codes) {
      const std::size_t place = place_of(event.packet, event.direction);
      covered[place] = true;
      visible[place] = feed_.visibility.codes[index_of(event.packet)][index_of(event.direction)] &&
                       !feed_.status.unreadable;
    }
    for (const DenialEvent& event : feed_.coverage.denials) {
      covered[place_of(event.action)] = true;
      visible[place_of(event.action)] = feed_.visibility.denials[index_of(event.action)];
    }
    static const auto all = places();
    for (const auto& [labels, place] : all)
      if (covered[place]) add(MetricId::observable, visible[place], labels);

    static const auto packets = each<MetricId::unknown_codes, mqtt::Packet>(mqtt::kPackets);
    for (const auto& [labels, packet] : packets) {
      const std::size_t i = index_of(packet);
      const std::uint64_t count = feed_.counts.unknown_codes[i] + feed_.shadow.unknown_codes[i];
      const bool* const directions = &covered[place_of(packet, mqtt::Direction{})];
      if (count > 0 || std::any_of(directions, directions + mqtt::kDirections, std::identity{}))
        add(MetricId::unknown_codes, count, labels);
    }
  }

  void add_source() {
    const SourceStatus& status = feed_.status;
    add(MetricId::source_last_record_timestamp, feed_.last_record_timestamp_seconds);
    add(MetricId::source_last_event_timestamp, feed_.last_event_timestamp_seconds);
    add_each<MetricId::source_records, Outcome>(feed_.records);
    static const auto counters = source_counters();
    for (const auto& [labels, counter] : counters) add(*counter.metric, status.*counter.member, labels);
    add(MetricId::source_silent, status.silent);
    add(MetricId::log_lag, status.lag_bytes);
    add(MetricId::log_files_open, status.files_open);
    add(MetricId::log_watching, status.watching);
    add(MetricId::capture_connections, status.connections);
  }

  void add_checkpoint() {
    const CheckpointStatus& checkpoint = feed_.checkpoint;
    add(MetricId::source_up, feed_.status.up);
    add(MetricId::checkpoint_durable, checkpoint.durable);
    add(MetricId::checkpoint_writes, checkpoint.writes);
    add(MetricId::checkpoint_write_failures, checkpoint.failures);
    add(MetricId::checkpoint_last_write_timestamp, checkpoint.last_write_timestamp_seconds);
    add_each<MetricId::checkpoint_rejected, CheckpointReject>(checkpoint.rejected);
    add(MetricId::checkpoint_withheld, feed_.withheld);
  }

  void add_records_and_clients() {
    static const auto errors = each<MetricId::source_record_errors, RecordError>(kRecordErrors);
    for (const auto& [labels, error] : errors)
      if (error != RecordError::none)
        add(MetricId::source_record_errors, feed_.record_errors[index_of(error)], labels);
    if (!feed_.decoder.broker_version.empty())
      add(MetricId::broker_info, true,
          label_text<MetricId::broker_info>(feed_.decoder.broker_version,
                                            feed_.decoder.broker_version_checked ? "true" : "false"));
    if (feed_.decoder.broker_starts) add(MetricId::broker_starts, *feed_.decoder.broker_starts);
    if (!feed_.near_miss.empty())
      add(MetricId::profile_near_miss, true, label_text<MetricId::profile_near_miss>(feed_.near_miss));
    add(MetricId::clients_remembered, feed_.decoder.clients_remembered);
    add(MetricId::clients_forgotten, feed_.decoder.clients_forgotten);
  }

  Answer& answer_;
  const FeedSample& feed_;
  const std::string_view owner_;
};

void add_feeds(Answer& answer, std::span<const FeedSample> feeds) {
  std::vector<std::pair<std::pair<std::string, std::string>, const FeedSample*>> by_names;
  for (const FeedSample& feed : feeds)
    by_names.push_back({{printable(feed.broker), printable(feed.source)}, &feed});
  std::ranges::stable_sort(by_names, {}, [](const auto& named) { return named.first; });
  for (const auto& [names, feed] : by_names)
    FeedFamilies(answer, *feed, label_text<MetricId::source_up>(names.first, names.second)).add_all();
}

void add_process(Answer& answer, const ProcessStats& process) {
  const auto add = [&answer](MetricId id, std::optional<double> value) {
    if (value) answer.add(id, *value, {});
  };
  add(MetricId::process_cpu, process.cpu_seconds);
  add(MetricId::process_resident_memory, process.resident_memory_bytes);
  add(MetricId::process_virtual_memory, process.virtual_memory_bytes);
  add(MetricId::process_open_fds, process.open_fds);
  add(MetricId::process_max_fds, process.max_fds);
  add(MetricId::process_start_time, process.start_time_seconds);
}

void add_config(Answer& answer, MetricId successful, MetricId timestamp,
                const std::optional<ConfigStatus>& config) {
  if (!config) return;
  answer.add(successful, std::uint64_t{config->last_reload_successful}, {});
  answer.add(timestamp, config->last_reload_success_timestamp_seconds, {});
}

void add_event_lines(Answer& answer, const EventLineCounts& lines) {
  answer.add(MetricId::event_lines_written, lines.written, {});
  const auto add_dropped = [&answer](std::uint64_t count, std::string_view cause) {
    answer.add(MetricId::event_lines_dropped, count, label_text<MetricId::event_lines_dropped>(cause));
  };
  add_dropped(lines.queue_full, "queue");
  add_dropped(lines.above_rate, "rate");
  add_dropped(lines.not_written, "write");
}

}  // namespace

std::string render_json(std::span<const FeedSample> feeds) {
  Answer answer(Syntax::json);
  add_feeds(answer, feeds);
  std::string series = answer.text();
  constexpr std::size_t separator = 3;  // that the last one does not need
  series.resize(series.size() - std::min(series.size(), separator));
  return "[" + series + "]\n";
}

std::string render(std::span<const FeedSample> feeds, const BuildInfo& build, const ProcessStats& process,
                   const std::optional<ConfigStatus>& config, const std::optional<ConfigStatus>& web_config,
                   ExpositionFormat format, const std::optional<EventLineCounts>& event_lines) {
  Answer answer(format == ExpositionFormat::text ? Syntax::text : Syntax::openmetrics);
  add_feeds(answer, feeds);
  add_config(answer, MetricId::config_reload_successful, MetricId::config_reload_success_timestamp, config);
  add_config(answer, MetricId::web_config_reload_successful, MetricId::web_config_reload_success_timestamp,
             web_config);
  if (event_lines) add_event_lines(answer, *event_lines);
  answer.add(MetricId::build_info, std::uint64_t{1},
             label_text<MetricId::build_info>(build.version, build.revision, build.compiler));
  add_process(answer, process);
  return answer.text();
}

}  // namespace mre
