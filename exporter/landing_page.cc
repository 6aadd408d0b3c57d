#include "exporter/landing_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/mqtt/reason_code.h"

namespace mre {
namespace {

constexpr std::size_t kMostCodesShown = 20;

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MQTT reason exporter</title>
<style>
:root { color-scheme: light dark; --line: #8886; --quiet: #666; --good: #176b2c; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --good: #7bd88f; --bad: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.up { color: var(--good); font-weight: 600; }
.down { color: var(--bad); font-weight: 600; }
.quiet { color: var(--quiet); }
</style>
</head>
<body>
)";

std::string text(std::string_view from_outside) { return html_escape(printable(from_outside)); }

/// "2026-01-31 12:00:00 UTC (5 s ago)", as HTML.
std::string moment(double unix_seconds, double now_seconds) {
  if (unix_seconds <= 0) return "never";
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 32> stamp{};
  std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  std::array<char, 32> words{};
  std::strftime(words.data(), words.size(), "%Y-%m-%d %H:%M:%S UTC", &utc);
  const double age = std::max(0.0, std::floor(now_seconds - unix_seconds));
  return fmt::format(R"(<time datetime="{}">{}</time> <span class="quiet">({:.0f} s ago)</span>)",
                     stamp.data(), words.data(), age);
}

/// How many codes of each class a feed has counted as the authority of its broker.
std::array<std::uint64_t, 3> by_class(const FeedSample& feed) {
  std::array<std::uint64_t, 3> sums{};
  for (const ReasonCounters::CodeCount& row : feed.counts.codes)
    sums[static_cast<std::size_t>(row.cls)] += row.count;
  return sums;
}

std::string source_row(const FeedSample& feed, double now) {
  const auto sums = by_class(feed);
  const std::string_view css = feed.status.up || feed.ended ? "up" : "down";
  const std::string_view word = feed.ended ? "ended" : feed.status.up ? "up" : "down";
  return fmt::format(
      "<tr><td>{} <span class=\"quiet\">({})</span></td><td>{}</td>"
      "<td><span class=\"{}\">{}</span> <span class=\"quiet\">{}</span></td>"
      "<td>{}</td><td>{}</td>"
      "<td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
      text(feed.source), text(feed.kind), text(feed.profile), css, word, text(feed.status.state),
      moment(feed.last_record_timestamp_seconds, now), moment(feed.last_event_timestamp_seconds, now),
      sums[static_cast<std::size_t>(mqtt::Class::success)],
      sums[static_cast<std::size_t>(mqtt::Class::informational)],
      sums[static_cast<std::size_t>(mqtt::Class::error)]);
}

std::string sources_table(const std::vector<FeedSample>& feeds, std::string_view broker, double now) {
  std::string html = fmt::format(
      "<h2>Broker {}</h2>\n<div "
      "class=\"wide\"><table>\n<thead><tr><th>Source</th><th>Profile</th><th>State</th>"
      "<th>Last record</th><th>Last event</th><th class=\"number\">Success</th>"
      "<th class=\"number\">Informational</th><th class=\"number\">Error</th></tr></thead>\n<tbody>\n",
      text(broker));
  for (const FeedSample& feed : feeds) {
    if (feed.broker == broker) html += source_row(feed, now);
  }
  return html + "</tbody>\n</table></div>\n";
}

/// The codes a broker has met that are no success, most frequent first. Nothing while none can be told: its
/// profile is still to be chosen, or knows only ends without a code.
std::string codes_table(const std::vector<FeedSample>& feeds, std::string_view broker) {
  struct CodeRow {
    ReasonEvent event;
    mqtt::Class cls;
    std::uint64_t count;
  };
  std::vector<CodeRow> rows;
  bool can_tell = false;
  for (const FeedSample& feed : feeds) {
    if (feed.broker != broker) continue;
    can_tell |= !feed.counts.codes.empty();
    for (const ReasonCounters::CodeCount& row : feed.counts.codes) {
      if (row.count == 0 || row.other || row.cls == mqtt::Class::success) continue;
      rows.push_back({row.event, row.cls, row.count});
    }
  }
  if (!can_tell) return {};
  if (rows.empty()) return "<p class=\"quiet\">No code but success so far.</p>\n";
  std::ranges::sort(rows, [](const CodeRow& a, const CodeRow& b) {
    return a.count != b.count ? a.count > b.count : a.event < b.event;
  });
  rows.resize(std::min(rows.size(), kMostCodesShown));
  std::string html =
      "<div "
      "class=\"wide\"><table>\n<thead><tr><th>Packet</th><th>Direction</th><th>Protocol</th><th>Code</th>"
      "<th>Reason</th><th>Class</th><th>Evidence</th><th class=\"number\">Count</th></tr></thead>\n<tbody>\n";
  for (const auto& [event, cls, count] : rows) {
    html += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>0x{:02X}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td class=\"number\">{}</td></tr>\n",
        mqtt::to_string(event.packet), mqtt::to_string(event.direction), mqtt::to_string(event.protocol),
        event.code, mqtt::reason_label(event.protocol, event.packet, event.code), mqtt::to_string(cls),
        to_string(event.evidence), count);
  }
  return html + "</tbody>\n</table></div>\n";
}

}  // namespace

std::string render(const LandingPage& page) {
  std::string html{kHead};
  html += fmt::format(
      "<h1>MQTT reason exporter</h1>\n<p>Version {} <span class=\"quiet\">(revision {})</span> · "
      "<a href=\"{}\">metrics</a> · <a href=\"/-/healthy\">health</a> · <a "
      "href=\"/-/ready\">readiness</a></p>\n",
      text(page.version), text(page.revision), text(page.telemetry_path));
  std::string_view last;
  for (const FeedSample& feed : page.feeds) {
    if (feed.broker == last) continue;
    last = feed.broker;
    html += sources_table(page.feeds, feed.broker, page.now_seconds);
    html += codes_table(page.feeds, feed.broker);
  }
  return html + "</body>\n</html>\n";
}

}  // namespace mre
