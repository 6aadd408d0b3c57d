// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/sources_json.h"

#include <fmt/format.h>

#include <array>

#include "exporter/base/enum_index.h"
#include "exporter/base/text.h"
#include "exporter/clients/event_json.h"
#include "exporter/feed/source_log.h"
#include "exporter/metrics/event_rows.h"
#include "exporter/web/broker_choice.h"

namespace mre {
namespace {

std::string string(std::string_view text) {
  return "\"" + json_escape(printable(text, kMessageBytes)) + "\"";
}

/// A time as text, or null if it is 0.
std::string time(double unix_seconds) {
  return unix_seconds <= 0 ? std::string("null") : "\"" + utc_time(unix_seconds) + "\"";
}

/// Whether the source shows the answers of the broker in each packet, and the denials, as far as its profile covers
/// them.
std::string shows(const FeedSample& feed) {
  std::string out;
  const auto add = [&](std::string_view what, std::string_view detail, bool is_shown) {
    const std::string key = fmt::format("\"{} {}\":", what, detail);
    if (out.find(key) == out.npos)
      out += fmt::format("{}{}{}", out.empty() ? "" : ",", key, is_shown && !feed.status.unreadable);
  };
  for (const ReasonEvent& event : feed.coverage.codes)
    add(to_string(event.packet), to_string(event.direction), feed.visibility.shows(event));
  for (const DenialEvent& event : feed.coverage.denials)
    add(to_string(event.action), "denied", feed.visibility.shows(event));
  return "{" + out + "}";
}

std::string source_json(const FeedSample& feed) {
  std::array<std::uint64_t, 3> sums{};
  if (!feed.withheld) {
    for (const EventRow& row : event_rows(feed)) sums[index_of(row.cls)] += row.count;
  }
  std::string records;
  for (std::size_t i = 0; i < kOutcomes; ++i)
    records +=
        fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", to_string(static_cast<Outcome>(i)), feed.records[i]);
  return fmt::format(
      "{{\"broker\":{},\"source\":{},\"kind\":\"{}\",\"profile\":{},\"broker_version\":{},\"up\":{},"
      "\"ended\":{},"
      "\"state\":{},\"last_record\":{},\"last_event\":{},\"counting_since\":{},\"records\":{{{}}},"
      "\"events\":{{\"success\":{},\"informational\":{},\"error\":{}}},\"shows\":{},\"advice\":{}}}",
      string(feed.broker), string(feed.source), to_string(feed.kind), string(feed.profile),
      string(feed.decoder.broker_version), feed.status.up, feed.ended, string(feed.status.state),
      time(feed.last_record_timestamp_seconds), time(feed.last_event_timestamp_seconds),
      time(feed.since_timestamp_seconds), records, sums[0], sums[1], sums[2], shows(feed),
      string(advice(feed)));
}

}  // namespace

std::string sources_json(std::span<const FeedSample> feeds, const Query& query) {
  std::string sources;
  for (const FeedSample& feed : of_broker(feeds, query.get("broker")))
    sources += (sources.empty() ? "" : ",\n") + source_json(feed);
  return "{\"sources\":[" + sources + "]}\n";
}

}  // namespace mre
