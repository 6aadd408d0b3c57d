// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/clients/top_clients.h"
#include "exporter/event/record_time.h"
#include "exporter/feed/feed_loop.h"

/// What `replay` prints, as pure functions.
namespace mre {

/// The events of one record, in the order of the decoder.
struct DecodedEvents {
  std::vector<ReasonEvent> codes;
  std::vector<CloseEvent> closes;
  std::vector<DenialEvent> denials;

  bool empty() const { return codes.empty() && closes.empty() && denials.empty(); }
};

/// One record for --explain: outcome, rule, time and record on one line, then one indented line for each event.
/// A time that is not known is "-".
std::string explain(const Record& record, std::optional<UnixMicros> time, const Decoded& decoded,
                    const DecodedEvents& events);

/// One frame of captured packets for --explain: time and connection on one line, then one indented line for each
/// event.
std::string explain_packets(const Record& record, const DecodedEvents& events);

/// The events that no later record confirmed, for --explain.
std::string explain_settled(const DecodedEvents& events);

/// Whether one of the events has the class error.
bool has_error(const DecodedEvents& events);

/// The events of a recording that were counted at least once, as a Markdown table.
std::string events_markdown(const FeedSample& sample);

/// A recording for people: the codes above 0x00, ends and denials, the clients with the most events, and the first
/// records that were not recognised. `not_recognised` is printable. Lines of about 100 columns.
std::string events_table(const FeedSample& sample, const std::vector<TopList>& top,
                         const std::vector<std::string>& not_recognised);

/// "1234 records: 800 matched, …": a few lines, the last one with the speed.
std::string summary(const FeedSample& sample, std::uint64_t bytes, double seconds);

/// "12.3 of 80.1 MB, 410 MB/s, 1 s left". `bytes_total` is 0 if it is not known.
std::string progress(std::uint64_t bytes, std::uint64_t bytes_total, double seconds);

}  // namespace mre
