// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "exporter/base/enum_index.h"
#include "exporter/base/text.h"
#include "exporter/feed/source_log.h"
#include "exporter/web/alerts.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;

constexpr double kFiveMinutes = 300;
constexpr double kHour = 3600;

/// The packets with which a broker refuses something.
constexpr Packet kAnswers[] = {Packet::connack, Packet::puback,   Packet::pubrec,
                               Packet::suback,  Packet::unsuback, Packet::disconnect};

bool shows(const FeedSample& feed, Packet packet) {
  return !feed.status.unreadable && feed.status.up &&
         feed.visibility.codes[index_of(packet)][index_of(Direction::sent)];
}

}  // namespace

std::vector<Finding> client_findings(const std::vector<CountHistory::Row>& rows) {
  std::vector<Finding> findings;
  for (const WatchingAlert& alert : watching_alerts()) {
    std::uint64_t events = 0;
    std::uint64_t most = 0;
    std::optional<CountedKind> most_frequent;
    for (const CountHistory::Row& row : rows) {
      if (!alert.watches(row.kind)) continue;
      const std::uint64_t count = alert.hours ? row.last_hour : row.last_5_minutes;
      events += count;
      if (count <= most) continue;
      most = count;
      most_frequent = row.kind;
    }
    const double value = static_cast<double>(events) / (alert.hours ? 1 : 5);
    if (value <= alert.limit) continue;
    findings.push_back(
        {fmt::format("{}: {:.{}f} {} (limit {:g})", alert.says, value, alert.hours ? 0 : 1,
                     alert.hours ? "in the last hour" : "a minute in the last 5 minutes", alert.limit),
         alert.name, most_frequent});
  }
  return findings;
}

std::vector<Finding> source_findings(const std::vector<FeedSample>& feeds) {
  std::vector<Finding> findings;
  for (const FeedSample& feed : feeds) {
    const auto add = [&](std::string_view alert, const std::string& what) {
      findings.push_back({.text = "Source " + printable(feed.source) + ": " + printable(what, kMessageBytes),
                          .alert = alert});
    };
    const SourceStatus& status = feed.status;
    if (!status.up && !feed.ended) add("MqttReasonSourceDown", "it is down: " + status.state);
    if (status.unreadable)
      add("MqttReasonSourceSilent", "all captured traffic is TLS, so no code can be read");
    if (status.silent) add("MqttReasonSourceSilent", "no message has arrived for long");
    const std::uint64_t understood =
        feed.records[index_of(Outcome::matched)] + feed.records[index_of(Outcome::ignored)];
    if (understood == 0 && feed.records[index_of(Outcome::unrecognised)] > 0)
      add("MqttReasonRecordsNotRecognised", advice(feed));
    if (feed.withheld)
      add("MqttReasonCheckpointFailing", "its counts are not served until its log has been read to the end");
    if (feed.checkpoint.failures > 0 && !feed.checkpoint.durable)
      add("MqttReasonCheckpointFailing", "its checkpoint cannot be written");
    if (feed.counts.series_limit_hits > 0)
      add("MqttReasonSeriesLimitHit",
          fmt::format("{} codes are counted as “other”, above the limit of series",
                      feed.counts.series_limit_hits));
  }
  return findings;
}

std::vector<std::string> blind_spots(const std::vector<FeedSample>& feeds) {
  std::vector<std::string> blind;
  for (const Packet packet : kAnswers) {
    if (std::ranges::none_of(feeds, [&](const FeedSample& feed) { return shows(feed, packet); }))
      blind.push_back(std::string(to_string(packet)) + " sent");
  }
  return blind;
}

std::string change_of(const CountHistory::Row& row, double history_seconds) {
  constexpr double kRising = 2;
  if (row.last_5_minutes == 0) {
    std::size_t quiet = 0;  // minutes
    while (quiet < CountHistory::kMinutes && row.minutes[CountHistory::kMinutes - 1 - quiet] == 0) ++quiet;
    return fmt::format("none for {} minutes", quiet);
  }
  const double before = std::min(history_seconds, kHour) - kFiveMinutes;
  if (before < kFiveMinutes) return "too early to compare";
  if (row.last_hour == row.last_5_minutes)
    return fmt::format("new: none in the {:.0f} minutes before", before / 60);
  const double now = static_cast<double>(row.last_5_minutes) / kFiveMinutes;
  const double ratio = now / (static_cast<double>(row.last_hour - row.last_5_minutes) / before);
  if (ratio >= kRising)
    return fmt::format("rising: {:.0f} times the {:.0f} minutes before", ratio, before / 60);
  return ratio <= 1 / kRising ? "falling" : "steady";
}

}  // namespace mre
