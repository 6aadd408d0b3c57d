// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// One row of a table of events for people: a reason code, an end of a connection or a denial without a code.
struct EventRow {
  std::string what;      ///< "CONNACK sent", "connection ended by broker", "publish denied"
  std::string protocol;  ///< MQTT version; "any" if it is not known.
  std::string code;      ///< "0x87", "other"; "none" for an end or a denial.
  std::string reason;
  mqtt::Class cls;
  std::string evidence;  ///< Empty for an end or a denial.
  std::uint64_t count;
};

/// The events of one feed with a count above 0.
std::vector<EventRow> event_rows(const FeedSample& feed);

/// Sorts by class (errors first, success last), then by count, the largest first.
void sort_by_severity(std::vector<EventRow>& rows);

}  // namespace mre
