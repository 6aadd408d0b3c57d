// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "exporter/feed/feed_loop.h"

/// What replay prints, as pure functions.
namespace mre {

/// One record as --explain prints it: outcome, rule and record on one line, then one indented line for each
/// event.
std::string explain(const Record& record, const Decoded& decoded, const DecodedEvents& found);

/// What one frame of captured packets told: the connection on one line, then one indented line for each
/// event.
std::string explain_packets(const Record& record, const DecodedEvents& found);

/// The events that no later record confirmed, as --explain prints them.
std::string explain_settled(const DecodedEvents& found);

/// "1234 records: 800 matched, …": a few lines, the last one with speed.
std::string summary(const FeedSample& sample, std::uint64_t bytes, double seconds);

/// "12.3 of 80.1 MB, 410 MB/s, 1 s left". `bytes_total` is 0 if it is not known.
std::string progress(std::uint64_t bytes, std::uint64_t bytes_total, double seconds);

}  // namespace mre
