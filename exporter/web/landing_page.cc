// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/landing_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

#include "exporter/base/page_style.h"
#include "exporter/base/text.h"
#include "exporter/event/event_text.h"
#include "exporter/feed/source_log.h"
#include "exporter/metrics/event_rows.h"
#include "exporter/mqtt/reason_code.h"

namespace mre {
namespace {

constexpr std::size_t kMaxRowsShown = 20;

constexpr std::string_view kHeadBegin = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MQTT reason exporter</title>
<style>
)";
constexpr std::string_view kHeadEnd = R"(.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.up { color: var(--good); font-weight: 600; }
.down, .error { color: var(--bad); font-weight: 600; }
.quiet { color: var(--quiet); }
</style>
</head>
<body>
)";

std::string text(std::string_view from_outside) {
  return html_escape(printable(from_outside, kMessageBytes));
}

/// "5 s", "3 min", "2 h" or "41 d".
std::string duration(double seconds) {
  constexpr double minute = 60, hour = 60 * minute, day = 24 * hour;
  if (seconds < 2 * minute) return fmt::format("{:.0f} s", seconds);
  if (seconds < 2 * hour) return fmt::format("{:.0f} min", seconds / minute);
  return seconds < 2 * day ? fmt::format("{:.0f} h", seconds / hour) : fmt::format("{:.0f} d", seconds / day);
}

/// "2026-01-31 12:00:00 UTC (5 s ago)", as HTML.
std::string moment(double unix_seconds, double now_seconds, std::string_view if_unknown = "never") {
  if (unix_seconds <= 0) return std::string(if_unknown);
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 32> stamp{};
  std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  std::array<char, 32> words{};
  std::strftime(words.data(), words.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
  const double age = std::max(0.0, std::floor(now_seconds - unix_seconds));
  return fmt::format(R"(<time datetime="{}">{}</time> <span class="quiet">({} ago)</span>)", stamp.data(),
                     words.data(), duration(age));
}

std::string source_row(const FeedSample& feed, double now) {
  std::array<std::uint64_t, 3> sums{};
  for (const EventRow& row : event_rows(feed)) sums[static_cast<std::size_t>(row.cls)] += row.count;
  const std::string_view css = feed.status.up || feed.ended ? "up" : "down";
  const std::string_view word = feed.ended ? "ended" : feed.status.up ? "up" : "down";
  const std::uint64_t errors = sums[static_cast<std::size_t>(mqtt::Class::error)];
  return fmt::format(
      "<tr><td>{} <span class=\"quiet\">({})</span></td><td>{}</td>"
      "<td><span class=\"{}\">{}</span> <span class=\"quiet\">{}</span></td>"
      "<td>{}</td><td>{}</td><td>{}</td>"
      "<td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number{}\">{}</td></tr>\n",
      text(feed.source), to_string(feed.kind), text(feed.profile), css, word, text(feed.status.state),
      moment(feed.last_record_timestamp_seconds, now), moment(feed.last_event_timestamp_seconds, now),
      moment(feed.since_timestamp_seconds, now, "an earlier version"),
      sums[static_cast<std::size_t>(mqtt::Class::success)],
      sums[static_cast<std::size_t>(mqtt::Class::informational)], errors > 0 ? " error" : "", errors);
}

std::string sources_table(const std::vector<FeedSample>& feeds, std::string_view broker, double now) {
  std::string html = fmt::format(
      "<h2>Broker {}</h2>\n<div "
      "class=\"wide\"><table>\n<thead><tr><th>Source</th><th>Profile</th><th>State</th>"
      "<th>Last record</th><th>Last event</th><th>Counts since</th><th class=\"number\">Success</th>"
      "<th class=\"number\">Informational</th><th class=\"number\">Error</th></tr></thead>\n<tbody>\n",
      text(broker));
  for (const FeedSample& feed : feeds) {
    if (feed.broker == broker) html += source_row(feed, now);
  }
  return html + "</tbody>\n</table></div>\n";
}

/// What the records of a source show, and what to set to see the rest. Empty before its profile is detected.
std::string visibility_lines(const FeedSample& feed) {
  const auto line = [&](const std::string& words) {
    return fmt::format("<p>{} <span class=\"quiet\">({})</span>: {}</p>\n", text(feed.source),
                       to_string(feed.kind), text(words));
  };
  if (const std::string words = advice(feed); !words.empty()) return line(words);
  if (const std::string seen = shown(feed.coverage, feed.visibility); !seen.empty())
    return line("shows " + seen + ".");
  return {};
}

/// The events of a broker that are not success, errors first, the most frequent first.
std::string events_table(const std::vector<FeedSample>& feeds, std::string_view broker) {
  std::vector<EventRow> rows;
  bool has_read_events = false;
  for (const FeedSample& feed : feeds) {
    if (feed.broker != broker) continue;
    has_read_events |= feed.last_event_timestamp_seconds > 0;
    std::ranges::move(event_rows(feed), std::back_inserter(rows));
  }
  std::erase_if(rows, [](const EventRow& row) { return row.cls == mqtt::Class::success; });
  sort_by_severity(rows);
  const bool no_error = rows.empty() || rows.front().cls != mqtt::Class::error;
  std::string html = !no_error         ? ""
                     : has_read_events ? "<p>No error so far.</p>\n"
                                       : "<p class=\"quiet\">No event has been read yet.</p>\n";
  if (rows.empty()) return html;
  const std::size_t more = rows.size() - std::min(rows.size(), kMaxRowsShown);
  rows.resize(rows.size() - more);
  html +=
      "<div class=\"wide\"><table>\n<thead><tr><th>What</th><th>Protocol</th><th>Code</th><th>Reason</th>"
      "<th>Class</th><th>Evidence</th><th class=\"number\">Count</th></tr></thead>\n<tbody>\n";
  for (const EventRow& row : rows) {
    html += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td{}>{}</td><td>{}</td>"
        "<td class=\"number\">{}</td></tr>\n",
        row.what, row.protocol, row.code, row.reason, row.cls == mqtt::Class::error ? " class=\"error\"" : "",
        mqtt::to_string(row.cls), row.evidence, row.count);
  }
  html += "</tbody>\n</table></div>\n";
  if (more > 0) html += fmt::format("<p class=\"quiet\">{} more rows: see the metrics.</p>\n", more);
  return html;
}

}  // namespace

std::string render(const LandingPage& page) {
  std::string html = fmt::format("{}{}{}", kHeadBegin, kPageStyle, kHeadEnd);
  html += fmt::format(
      "<h1>MQTT reason exporter</h1>\n<p>Version {} <span class=\"quiet\">(revision {})</span> · "
      "<a href=\"{}\">metrics</a> · <a href=\"/runbook\">runbook</a> · <a href=\"/-/healthy\">health</a> · "
      "<a "
      "href=\"/-/ready\">readiness</a></p>\n",
      text(page.version), text(page.revision), text(page.telemetry_path));
  std::string_view last;
  for (const FeedSample& feed : page.feeds) {
    if (feed.broker == last) continue;
    last = feed.broker;
    html += sources_table(page.feeds, feed.broker, page.now_seconds);
    for (const FeedSample& one : page.feeds)
      if (one.broker == feed.broker) html += visibility_lines(one);
    html += events_table(page.feeds, feed.broker);
  }
  return html + "</body>\n</html>\n";
}

}  // namespace mre
