// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/code_reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "exporter/base/enum_index.h"
#include "exporter/mqtt/reason_text.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;
using mqtt::Reason;

void add_counts(const ReasonCounters::Counts& counts, CodeReference& reference) {
  for (const auto& series : counts.codes) {
    if (series.count == 0) continue;
    if (series.row != nullptr) {
      reference.counts[row_of(*series.row)][index_of(series.event.packet)] += series.count;
      continue;
    }
    const std::string code = series.other ? "other" : mqtt::hex(series.event.code);
    const auto same = std::ranges::find_if(reference.outside, [&](const CodeReference::Outside& one) {
      return one.code == code && one.packet == series.event.packet;
    });
    if (same != reference.outside.end()) {
      same->count += series.count;
    } else {
      reference.outside.push_back({code, series.event.packet, series.count});
    }
  }
  for (const auto& series : counts.closes) {
    if (series.count > 0) reference.ends[mqtt::close_reasons()[series.event.reason].label] += series.count;
  }
  for (const auto& series : counts.denials) {
    if (series.count == 0) continue;
    reference.denials[mqtt::close_reasons()[series.event.reason].label][index_of(series.event.action)] +=
        series.count;
  }
}

CodeReference::Source view_of(const FeedSample& feed) {
  CodeReference::Source source{feed.broker, feed.source,
                               std::vector<CodeReference::Shown>(mqtt::reasons().size())};
  for (const ReasonEvent& event : feed.coverage.codes) {
    const Reason* row = mqtt::find(event.protocol, event.packet, event.code);
    if (row == nullptr) continue;
    CodeReference::Shown& shown = source.rows[row_of(*row)];
    const auto packet = mqtt::set_of(event.packet);
    const bool by_broker = event.direction == Direction::sent ||
                           (event.direction == Direction::unknown && contains(row->by_broker, event.packet));
    if (feed.visibility.shows(event) && !feed.status.unreadable) {
      (by_broker ? shown.sent : shown.received) |= packet;
    } else {
      (by_broker ? shown.hidden_sent : shown.hidden_received) |= packet;
    }
  }
  return source;
}

}  // namespace

bool CodeReference::shows(std::size_t row, Packet packet) const {
  return std::ranges::any_of(sources, [&](const Source& source) {
    return contains(source.rows[row].sent | source.rows[row].received, packet);
  });
}

CodeReference code_reference(std::span<const FeedSample> feeds) {
  CodeReference reference;
  reference.counts.resize(mqtt::reasons().size());
  for (const FeedSample& feed : feeds) {
    if (!feed.withheld) add_counts(feed.counts, reference);
    if (!feed.coverage.codes.empty()) reference.sources.push_back(view_of(feed));
  }
  return reference;
}

std::size_t row_of(const Reason& reason) {
  return static_cast<std::size_t>(&reason - mqtt::reasons().data());
}

std::vector<const Reason*> equivalents(const Reason& reason) {
  std::vector<const Reason*> rows;
  const bool is_5 = reason.protocol == mqtt::Protocol::v5;
  for (const Reason& other : mqtt::reasons()) {
    if ((other.protocol == mqtt::Protocol::v5) == is_5) continue;
    const Reason& five = is_5 ? reason : other;
    const Reason& three = is_5 ? other : reason;
    const bool in_connack =
        contains(five.by_broker, Packet::connack) && contains(three.packets, Packet::connack);
    const bool is_counterpart = in_connack && mqtt::connack_3_1_1_from_5_0(five.code) == three.code;
    if (other.label == reason.label || is_counterpart) rows.push_back(&other);
  }
  return rows;
}

std::string queries_of(std::string_view label) {
  std::string queries;
  const auto add = [&](std::string_view labels, std::string_view metric) {
    queries +=
        fmt::format("sum by (broker, {}) (increase({}{{reason=\"{}\"}}[1h])) > 0\n", labels, metric, label);
  };
  if (mqtt::has_code(label)) add("packet, direction, protocol", "mqtt_reason_codes_total");
  if (mqtt::close_reason_from(label)) {
    add("protocol, initiator", "mqtt_reason_closes_without_code_total");
    add("protocol, action", "mqtt_reason_denials_without_code_total");
  }
  return queries;
}

}  // namespace mre
