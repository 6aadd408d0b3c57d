// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics/count_history.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// Something that is wrong now.
struct Finding {
  std::string text;        ///< Plain text, one sentence without the full stop.
  std::string_view alert;  ///< The alert that watches it; its chapter of the runbook says what to do.
  std::optional<CountedKind> most =
      std::nullopt;  ///< The events that it is mostly about, if it is about events.
};

/// What is wrong for the clients of a broker: the alerts whose limit its events exceed. Prometheus also compares with
/// the traffic and the past, and waits, so that it may raise fewer alerts.
std::vector<Finding> client_findings(const std::vector<CountHistory::Row>& rows_of_broker);

/// What is wrong with the sources of a broker: why its counts may be too small.
std::vector<Finding> source_findings(const std::vector<FeedSample>& feeds_of_broker);

/// Which answers of the broker none of its sources shows at present: "PUBACK sent". An error in them is not seen.
std::vector<std::string> blind_spots(const std::vector<FeedSample>& feeds_of_broker);

/// How the events of the last 5 minutes compare with those of the hour: "new", "rising: 4 times the hour before".
/// `history_seconds`: how long events have been recorded.
std::string change_of(const CountHistory::Row& row, double history_seconds);

}  // namespace mre
