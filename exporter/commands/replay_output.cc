// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/replay_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/event/event_text.h"
#include "exporter/event/source_kind.h"
#include "exporter/metrics/event_rows.h"
#include "exporter/metrics/reason_counters.h"

namespace mre {
namespace {

constexpr std::size_t kMaxRecordBytes = 2048;
constexpr double kMegabyte = 1e6;

std::string event_lines(const DecodedEvents& events) {
  std::string text;
  for (const ReasonEvent& event : events.codes) {
    text += fmt::format("    {}  {}\n", to_text(event),
                        mqtt::reason_label(event.protocol, event.packet, event.code));
  }
  for (const CloseEvent& event : events.closes) text += "    " + to_text(event) + "\n";
  for (const DenialEvent& event : events.denials) text += "    " + to_text(event) + "\n";
  return text;
}

double rate(std::uint64_t bytes, double seconds) {
  return static_cast<double>(bytes) / std::max(seconds, 1e-6);
}

std::uint64_t count(const FeedSample& sample, Outcome outcome) {
  return sample.records[static_cast<std::size_t>(outcome)];
}

/// " (3 cut, 1 envelope)", or nothing.
std::string causes(const FeedSample& sample, Outcome outcome) {
  std::string text;
  for (std::size_t i = 1; i < kRecordErrors; ++i) {
    const auto error = static_cast<RecordError>(i);
    if (sample.record_errors[i] == 0 || outcome_of(error) != outcome) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", sample.record_errors[i], to_string(error));
  }
  return text.empty() ? text : " (" + text + ")";
}

std::string totals(const ReasonCounters::Counts& counts, std::uint64_t bytes, double seconds) {
  const std::uint64_t codes = sum_of(counts.codes);
  const std::uint64_t closes = sum_of(counts.closes);
  const std::uint64_t denials = sum_of(counts.denials);
  return fmt::format("{}: {}, {} and {} without a code\n{:.1f} MB in {:.2f} s, {:.0f} MB/s\n",
                     counted(codes + closes + denials, "event"), counted(codes, "reason code"),
                     closes == 1 ? "1 end of a connection" : std::to_string(closes) + " ends of connections",
                     counted(denials, "denial"), static_cast<double>(bytes) / kMegabyte, seconds,
                     rate(bytes, seconds) / kMegabyte);
}

std::string packets_summary(const FeedSample& sample, std::uint64_t bytes, double seconds) {
  const SourceStatus& status = sample.status;
  std::string text = fmt::format(
      "{}, {} unreadable; {} ({} over WebSocket, {} open before the first frame), {}, {}\n",
      counted(status.frames, "frame"), status.frames_unreadable,
      counted(status.connections_mqtt + status.connections_websocket, "MQTT connection"),
      status.connections_websocket, status.connections_joined,
      counted(status.connections_tls, "TLS connection"), counted(status.connections_other, "other"));
  if (status.missing_bytes > 0 || status.directions_given_up > 0) {
    text += fmt::format(
        "Missing bytes that may have contained codes: {}; directions that could not be read to their end: "
        "{}\n",
        status.missing_bytes, status.directions_given_up);
  }
  if (status.unreadable) {
    text +=
        "All connections are TLS, which cannot be read: capture after the TLS proxy, or use the log or the "
        "events of the broker\n";
  }
  if (status.frames > 0 && status.connections_mqtt + status.connections_websocket == 0)
    text += "No MQTT connection was found: name the ports of the broker with --capture.ports\n";
  return text + totals(sample.counts, bytes, seconds);
}

}  // namespace

std::string explain(const Record& record, std::optional<UnixMicros> time, const Decoded& decoded,
                    const DecodedEvents& events) {
  std::string outcome(to_string(decoded.outcome));
  if (decoded.error != RecordError::none) outcome += " (" + std::string(to_string(decoded.error)) + ")";
  if (record.retained) outcome += " (retained)";
  std::string text = fmt::format("{:<12} {:<24} {:<24} ", outcome,
                                 decoded.rule == nullptr ? "-" : *decoded.rule, time ? to_text(*time) : "-");
  if (!record.topic.empty()) text += printable(record.topic, kMaxRecordBytes) + " ";
  return text + printable(record.payload, kMaxRecordBytes) + "\n" + event_lines(events);
}

std::string explain_packets(const Record& record, const DecodedEvents& events) {
  return (record.time_us != 0 ? to_text(record.time_us) + " " : "") +
         printable(record.topic, kMaxRecordBytes) + "\n" + event_lines(events);
}

std::string explain_settled(const DecodedEvents& events) {
  return "events of earlier records that no later record confirmed:\n" + event_lines(events);
}

bool has_error(const DecodedEvents& events) {
  const auto is_error = [](mqtt::Class cls) { return cls == mqtt::Class::error; };
  const auto reason_is_error = [&](const auto& event) {
    return is_error(mqtt::close_reasons()[event.reason].cls);
  };
  return std::ranges::any_of(events.codes,
                             [&](const ReasonEvent& event) {
                               return is_error(mqtt::classify(event.protocol, event.packet, event.code));
                             }) ||
         std::ranges::any_of(events.closes, reason_is_error) ||
         std::ranges::any_of(events.denials, reason_is_error);
}

std::string events_markdown(const FeedSample& sample) {
  std::vector<EventRow> rows = event_rows(sample);
  sort_by_severity(rows);
  std::string text =
      "| what | protocol | code | reason | class | evidence | count |\n| --- | --- | --- | --- | --- | --- | "
      "---: |\n";
  for (const EventRow& row : rows) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", row.what, row.protocol, row.code,
                        row.reason, to_string(row.cls), row.evidence, row.count);
  }
  return text;
}

namespace {

std::string event_rows_table(const FeedSample& sample) {
  std::vector<EventRow> rows = event_rows(sample);
  sort_by_severity(rows);
  std::uint64_t accepted = 0;
  std::string text;
  for (const EventRow& row : rows) {
    if (row.code == "0x00") {
      accepted += row.count;
      continue;
    }
    text += fmt::format("{:>10}  {:<28}  {:<7}  {:<5}  {:<30}  {}\n", row.count, row.what, row.protocol,
                        row.code, row.reason, to_string(row.cls));
  }
  if (text.empty()) {
    text = "No code above 0x00, no end of a connection and no denial was found.\n";
  } else {
    text = fmt::format("{:>10}  {:<28}  {:<7}  {:<5}  {:<30}  {}\n", "count", "what", "MQTT", "code",
                       "reason", "class") +
           text;
  }
  if (accepted > 0) text += fmt::format("{:>10}  codes 0x00\n", accepted);
  return text;
}

std::string top_clients_table(const std::vector<TopList>& top) {
  std::string text = "\nClients with the most events\n";
  for (const TopList& list : top) {
    text += fmt::format("  {} {}, {}\n", list.group.what, list.group.reason, counted(list.events, "event"));
    for (const TopClient& client : list.clients) {
      const std::string count = client.at_least == client.at_most
                                    ? std::to_string(client.at_least)
                                    : fmt::format("{} to {}", client.at_least, client.at_most);
      text += fmt::format("{:>10}  {}\n", count, client.name);
    }
  }
  return text;
}

}  // namespace

std::string events_table(const FeedSample& sample, const std::vector<TopList>& top,
                         const std::vector<std::string>& not_recognised) {
  std::string text = event_rows_table(sample);
  if (!top.empty()) text += top_clients_table(top);
  const std::uint64_t not_read = count(sample, Outcome::unrecognised) + count(sample, Outcome::malformed);
  if (not_read == 0) return text;
  text += fmt::format("\nNot recognised: {}{}{}\n", counted(not_read, "record"),
                      causes(sample, Outcome::unrecognised), causes(sample, Outcome::malformed));
  for (const std::string& record : not_recognised) text += "  " + record + "\n";
  if (not_read > not_recognised.size()) text += "  ... --explain --only unrecognised prints all\n";
  return text;
}

std::string summary(const FeedSample& sample, std::uint64_t bytes, double seconds) {
  std::uint64_t records = 0;
  for (const std::uint64_t n : sample.records) records += n;
  if (sample.kind == SourceKind::capture) return packets_summary(sample, bytes, seconds);
  std::string text =
      fmt::format("{}: {} matched, {} ignored, {} unrecognised{}, {} malformed{}", counted(records, "record"),
                  count(sample, Outcome::matched), count(sample, Outcome::ignored),
                  count(sample, Outcome::unrecognised), causes(sample, Outcome::unrecognised),
                  count(sample, Outcome::malformed), causes(sample, Outcome::malformed));
  text += "\n" + totals(sample.counts, bytes, seconds);
  if (records > 0 && count(sample, Outcome::matched) + count(sample, Outcome::ignored) == 0) {
    text += "No record was recognised: check --broker.profile (" + printable(sample.profile) +
            ") and --replay.format (" + std::string(to_string(sample.kind)) + ")\n";
  }
  return text;
}

std::string progress(std::uint64_t bytes, std::uint64_t bytes_total, double seconds) {
  const double speed = rate(bytes, seconds);
  if (bytes_total == 0)
    return fmt::format("{:.1f} MB, {:.0f} MB/s", static_cast<double>(bytes) / kMegabyte, speed / kMegabyte);
  const double left = static_cast<double>(bytes_total - std::min(bytes, bytes_total)) / std::max(speed, 1.0);
  return fmt::format("{:.1f} of {:.1f} MB, {:.0f} MB/s, {:.0f} s left",
                     static_cast<double>(bytes) / kMegabyte, static_cast<double>(bytes_total) / kMegabyte,
                     speed / kMegabyte, left);
}

}  // namespace mre
