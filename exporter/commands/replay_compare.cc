// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/replay_compare.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "exporter/base/join.h"
#include "exporter/event/event_text.h"
#include "exporter/metrics/reason_counters.h"

namespace mre {
namespace {

using Key = std::tuple<mqtt::Packet, mqtt::Direction, std::uint8_t>;

struct Row {
  std::string_view reason;
  std::uint64_t wire = 0;
  std::uint64_t in_record = 0;
  std::uint64_t inferred = 0;
};

void add_codes(const FeedSample& sample, std::map<Key, Row>& rows, auto&& member_of) {
  for (const auto& series : sample.counts.codes) {
    if (series.count == 0 || series.other) continue;
    const ReasonEvent& event = series.event;
    Row& row = rows[{event.packet, event.direction, event.code}];
    if (row.reason.empty()) row.reason = mqtt::reason_label(event.protocol, event.packet, event.code);
    row.*member_of(event) += series.count;
  }
}

std::string_view verdict(const Row& row) {
  const std::uint64_t reported = row.in_record + row.inferred;
  if (reported == row.wire) return "equal";
  if (reported == 0) return "missing";
  return reported < row.wire ? "fewer" : "more";
}

/// The packets on the wire that the log cannot show: "PUBACK received, AUTH sent".
std::string blind_spots(const std::map<Key, Row>& rows, const Coverage& coverage) {
  std::set<std::pair<mqtt::Packet, mqtt::Direction>> blind;
  for (const auto& [key, row] : rows)
    if (row.wire > 0) blind.emplace(std::get<0>(key), std::get<1>(key));
  for (const ReasonEvent& event : coverage.codes) {
    blind.erase({event.packet, event.direction});
    if (event.direction != mqtt::Direction::unknown) continue;
    blind.erase({event.packet, mqtt::Direction::sent});
    blind.erase({event.packet, mqtt::Direction::received});
  }
  return join(blind, ", ", [](const auto& pair) {
    return std::string(to_string(pair.first)) + " " + std::string(to_string(pair.second));
  });
}

}  // namespace

std::string compare_counts(const FeedSample& wire, const FeedSample& log) {
  std::map<Key, Row> rows;
  add_codes(wire, rows, [](const ReasonEvent&) { return &Row::wire; });
  add_codes(log, rows, [](const ReasonEvent& event) {
    return event.evidence == Evidence::code_in_record ? &Row::in_record : &Row::inferred;
  });
  constexpr std::string_view line = "{:<11} {:<9} {:<5} {:<34} {:>9} {:>9} {:>9}  {}\n";
  std::string text = fmt::format(fmt::runtime(line), "packet", "direction", "code", "reason", "wire",
                                 "explicit", "inferred", log.profile);
  for (const auto& [key, row] : rows) {
    const auto& [packet, direction, code] = key;
    text += fmt::format(fmt::runtime(line), to_string(packet), to_string(direction), code_label(code),
                        row.reason, row.wire, row.in_record, row.inferred, verdict(row));
  }
  text += fmt::format("\nends of connections without a code: wire {}, {} {}\n", sum_of(wire.counts.closes),
                      log.profile, sum_of(log.counts.closes));
  if (!log.coverage.denials.empty()) {
    text += fmt::format("denials without a code, which no packet shows: {} {}\n", log.profile,
                        sum_of(log.counts.denials));
  }
  if (const std::string blind = blind_spots(rows, log.coverage); !blind.empty())
    text += fmt::format("{} cannot show: {}\n", log.profile, blind);
  return text;
}

}  // namespace mre
