// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/landing_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/event/event_text.h"
#include "exporter/feed/source_log.h"
#include "exporter/metrics/event_rows.h"
#include "exporter/mqtt/reason_code.h"
#include "exporter/web/html.h"

namespace mre {
namespace {

constexpr std::size_t kMaxRowsShown = 20;

using html::moment;
using html::text;

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
  std::string rows;
  for (const FeedSample& feed : feeds) {
    if (feed.broker == broker) rows += source_row(feed, now);
  }
  return fmt::format("<h2>Broker {}</h2>\n", text(broker)) +
         html::table(
             "Sources of broker " + printable(broker),
             "Source|Profile|State|Last record|Last event|Counts since|#Success|#Informational|#Error", rows);
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
  std::string cells;
  for (const EventRow& row : rows) {
    cells += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td{}>{}</td><td>{}</td>"
        "<td class=\"number\">{}</td></tr>\n",
        row.what, row.protocol, row.code, row.reason, row.cls == mqtt::Class::error ? " class=\"error\"" : "",
        mqtt::to_string(row.cls), row.evidence, row.count);
  }
  html += html::table("Events of broker " + printable(broker),
                      "What|Protocol|Code|Reason|Class|Evidence|#Count", cells);
  if (more > 0) html += fmt::format("<p class=\"quiet\">{} more rows: see the metrics.</p>\n", more);
  return html;
}

}  // namespace

std::string render(const LandingPage& page) {
  std::string html = "<h1>Now</h1>\n<div id=\"results\">\n";
  std::string_view last;
  for (const FeedSample& feed : page.feeds) {
    if (feed.broker == last) continue;
    last = feed.broker;
    html += sources_table(page.feeds, feed.broker, page.now_seconds);
    for (const FeedSample& one : page.feeds)
      if (one.broker == feed.broker) html += visibility_lines(one);
    html += events_table(page.feeds, feed.broker);
  }
  return html + "</div>\n";
}

}  // namespace mre
