// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/event_rows.h"

#include <algorithm>
#include <tuple>

#include "exporter/event/event_text.h"

namespace mre {

std::vector<EventRow> event_rows(const FeedSample& feed) {
  std::vector<EventRow> rows;
  const auto text_of = [](auto value) { return std::string(to_string(value)); };
  for (const ReasonCounters::CodeCount& row : feed.counts.codes) {
    const ReasonEvent& event = row.event;
    rows.push_back(
        {text_of(event.packet) + " " + text_of(event.direction), row.other ? "any" : text_of(event.protocol),
         row.other ? "other" : code_label(event.code),
         row.other ? "other" : std::string(mqtt::reason_label(event.protocol, event.packet, event.code)),
         row.cls, text_of(event.evidence), row.count});
  }
  for (const ReasonCounters::CloseCount& row : feed.counts.closes) {
    const mqtt::CloseReasonRow& reason = mqtt::close_reasons()[row.event.reason];
    const std::string by = row.event.initiator == mqtt::Initiator::unknown
                               ? std::string()
                               : " by " + text_of(row.event.initiator);
    rows.push_back({"connection ended" + by, text_of(row.event.protocol), "none", std::string(reason.label),
                    reason.cls, "", row.count});
  }
  for (const ReasonCounters::DenialCount& row : feed.counts.denials) {
    const mqtt::CloseReasonRow& reason = mqtt::close_reasons()[row.event.reason];
    rows.push_back({text_of(row.event.action) + " denied", text_of(row.event.protocol), "none",
                    std::string(reason.label), reason.cls, "", row.count});
  }
  std::erase_if(rows, [](const EventRow& row) { return row.count == 0; });
  return rows;
}

void sort_by_severity(std::vector<EventRow>& rows) {
  std::ranges::sort(rows, [](const EventRow& a, const EventRow& b) {
    const auto order = [](const EventRow& row) {
      return std::tuple(-static_cast<int>(row.cls), ~row.count,
                        std::tie(row.what, row.protocol, row.code, row.reason, row.evidence));
    };
    return order(a) < order(b);
  });
}

}  // namespace mre
