// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// What pages group events by: all labels of a series except the source, the byte, the protocol and the evidence.
struct CountedKind {
  enum class Type : std::uint8_t { code, end, denial };

  Type type = Type::code;
  mqtt::Packet packet{};        ///< Of a code.
  mqtt::Direction direction{};  ///< Of a code.
  mqtt::Initiator initiator{};  ///< Of an end.
  Action action{};              ///< Of a denial.
  mqtt::Class cls{};
  std::string_view reason;  ///< The label `reason`. Valid for ever.

  auto operator<=>(const CountedKind&) const = default;
};

inline CountedKind kind_of(const ReasonCounters::CodeCount& series) {
  return {.packet = series.event.packet,
          .direction = series.event.direction,
          .cls = series.cls,
          .reason = series.other
                        ? "other"
                        : mqtt::reason_label(series.event.protocol, series.event.packet, series.event.code)};
}
inline CountedKind kind_of(const ReasonCounters::CloseCount& series) {
  const mqtt::CloseReasonRow& row = mqtt::close_reasons()[series.event.reason];
  return {.type = CountedKind::Type::end,
          .initiator = series.event.initiator,
          .cls = row.cls,
          .reason = row.label};
}
inline CountedKind kind_of(const ReasonCounters::DenialCount& series) {
  const mqtt::CloseReasonRow& row = mqtt::close_reasons()[series.event.reason];
  return {
      .type = CountedKind::Type::denial, .action = series.event.action, .cls = row.cls, .reason = row.label};
}

/// "CONNACK sent", "connection ended by broker", "publish denied".
std::string what(const CountedKind& kind);

/// Calls `with(CountedKind, count)` for each series of the feed, also for those with the count 0.
void for_each_series(const ReasonCounters::Counts& counts, auto&& with) {
  for (const auto& series : counts.codes) with(kind_of(series), series.count);
  for (const auto& series : counts.closes) with(kind_of(series), series.count);
  for (const auto& series : counts.denials) with(kind_of(series), series.count);
}

}  // namespace mre
