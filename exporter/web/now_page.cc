// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/now_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "exporter/base/enum_index.h"
#include "exporter/base/join.h"
#include "exporter/event/event_text.h"
#include "exporter/feed/source_log.h"
#include "exporter/http/query.h"
#include "exporter/metrics/event_rows.h"
#include "exporter/runbook/page.h"
#include "exporter/web/alerts.h"
#include "exporter/web/broker_choice.h"
#include "exporter/web/clients_page.h"
#include "exporter/web/event_filter.h"
#include "exporter/web/findings.h"
#include "exporter/web/html.h"

namespace mre {
namespace {

using html::moment;
using html::number_cell;
using html::text;

constexpr std::size_t kMaxRowsShown = 20;
constexpr std::size_t kMaxBrokersShown = 100;

/// What the page knows of one broker.
struct Broker {
  std::string name;
  std::vector<FeedSample> feeds;
  std::vector<CountHistory::Row> rows;  ///< Of the class error.
  std::vector<Finding> client_findings;
  std::vector<Finding> source_findings;
  std::vector<std::string> blind;
  bool has_read_events = false;

  std::uint64_t recent_errors() const {
    std::uint64_t sum = 0;
    for (const CountHistory::Row& row : rows) sum += row.last_5_minutes;
    return sum;
  }
};

Broker broker_of(const NowPage& page, const std::string& name) {
  Broker broker;
  broker.name = name;
  broker.feeds = of_broker(page.feeds, name);
  std::ranges::copy_if(page.recent, std::back_inserter(broker.rows), [&](const CountHistory::Row& row) {
    return row.broker == name && row.kind.cls == mqtt::Class::error;
  });
  std::ranges::stable_sort(broker.rows, [](const auto& a, const auto& b) {
    return std::pair(a.last_5_minutes, a.last_hour) > std::pair(b.last_5_minutes, b.last_hour);
  });
  broker.client_findings = client_findings(broker.rows);
  broker.source_findings = source_findings(broker.feeds);
  broker.blind = blind_spots(broker.feeds);
  broker.has_read_events = std::ranges::any_of(
      broker.feeds, [](const FeedSample& feed) { return feed.last_event_timestamp_seconds > 0; });
  return broker;
}

/// The answer to "is something wrong?" in one paragraph.
std::string verdict(const Broker& broker) {
  const std::uint64_t errors = broker.recent_errors();
  const std::string blind = broker.blind.empty()
                                ? std::string()
                                : " Not visible at present, so an error there is not counted: " +
                                      html_escape(join(broker.blind, ", ")) + ".";
  if (!broker.client_findings.empty())
    return fmt::format(
        "<p><strong class=\"error\">Something is wrong.</strong> {} errors in the last 5 minutes.{}</p>\n",
        html::number(errors), blind);
  if (errors > 0)
    return fmt::format(
        "<p><strong>{} errors in the last 5 minutes</strong>, fewer than any alert's limit.{}</p>\n",
        html::number(errors), blind);
  if (!broker.has_read_events)
    return "<p><strong class=\"warn\">Not known yet:</strong> no event has been read.</p>\n";
  if (!broker.source_findings.empty())
    return "<p><strong class=\"warn\">No error was counted in the last 5 minutes, but a source has a "
           "problem.</strong>" +
           blind + "</p>\n";
  if (!blind.empty())
    return "<p><strong>No error in the last 5 minutes in what the sources show.</strong>" + blind + "</p>\n";
  return "<p><strong class=\"up\">No error in the last 5 minutes.</strong></p>\n";
}

std::string findings_list(const Broker& broker) {
  std::string items;
  for (const auto* findings : {&broker.client_findings, &broker.source_findings}) {
    for (const Finding& finding : *findings)
      items += fmt::format("<li>{}. {}<a href=\"{}\">What to do: {}</a></li>\n", text(finding.text),
                           finding.most ? clients_and_events(broker.name, *finding.most) + " · " : "",
                           chapter_address(finding.alert), finding.alert);
  }
  return items.empty() ? items : "<ul>\n" + items + "</ul>\n";
}

/// Links to all that is known about a reason of the broker.
std::string links_of(const Broker& broker, const CountedKind& kind) {
  std::string links = clients_and_events(broker.name, kind);
  if (runbook_chapter(kind.reason) != nullptr)
    links += fmt::format(" · <a href=\"/runbook#{}\">what to do</a>", kind.reason);
  return links;
}

std::string errors_table(const Broker& broker, double history_seconds) {
  if (broker.rows.empty()) return {};
  std::string rows;
  for (std::size_t i = 0; i < std::min(broker.rows.size(), kMaxRowsShown); ++i) {
    const CountHistory::Row& row = broker.rows[i];
    const std::uint64_t highest = *std::ranges::max_element(row.minutes);
    const std::string label = fmt::format("{} in the last hour, at most {} a minute", row.last_hour, highest);
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td>{}{}<td>{}</td><td>{}</td><td "
        "class=\"links\">{}</td></tr>\n",
        row.kind.reason, what(row.kind), number_cell(row.last_5_minutes, "last 5 minutes"),
        number_cell(row.last_hour, "last hour"), html::sparkline(row.minutes, label),
        change_of(row, history_seconds), links_of(broker, row.kind));
  }
  return html::table("Errors of the last hour at broker " + printable(broker.name),
                     "Reason|Where|#5 minutes|#Hour|Last hour|Change|See", rows,
                     "errors-" + url_encode(broker.name), true) +
         (broker.rows.size() > kMaxRowsShown
              ? fmt::format("<p class=\"quiet\">{} more reasons.</p>\n", broker.rows.size() - kMaxRowsShown)
              : "");
}

std::string source_row(const FeedSample& feed, double now) {
  std::array<std::uint64_t, 3> sums{};
  for (const EventRow& row : event_rows(feed)) sums[index_of(row.cls)] += row.count;
  const std::string_view css = feed.status.up || feed.ended ? "up" : "down";
  const std::string_view word = feed.ended ? "ended" : feed.status.up ? "up" : "down";
  const std::string version =
      feed.decoder.broker_version.empty() ? "" : " " + text(feed.decoder.broker_version);
  return fmt::format(
      "<tr><td>{} <span class=\"quiet\">({})</span></td><td>{}{}</td>"
      "<td class=\"any\"><span class=\"{}\">{}</span> <span class=\"quiet\">{}</span></td>"
      "<td data-label=\"last record\">{}</td><td data-label=\"last event\">{}</td>"
      "<td data-label=\"counts since\">{}</td>{}{}{}</tr>\n",
      text(feed.source), to_string(feed.kind), text(feed.profile), version, css, word,
      text(feed.status.state), moment(feed.last_record_timestamp_seconds, now),
      moment(feed.last_event_timestamp_seconds, now),
      moment(feed.since_timestamp_seconds, now, "an earlier version"),
      number_cell(sums[index_of(mqtt::Class::success)], "success"),
      number_cell(sums[index_of(mqtt::Class::informational)], "informational"),
      number_cell(sums[index_of(mqtt::Class::error)], "error"));
}

/// What the records of a source show, and what to set to see the rest. Empty before its profile is detected.
std::string visibility_line(const FeedSample& feed) {
  std::string words = advice(feed);
  if (words.empty()) {
    const std::string seen = shown(feed.coverage, feed.visibility);
    if (!seen.empty()) words = "shows " + seen + ".";
  }
  if (words.empty()) return {};
  return fmt::format("<p>{} <span class=\"quiet\">({})</span>: {}</p>\n", text(feed.source),
                     to_string(feed.kind), text(words));
}

std::string sources(const Broker& broker, double now) {
  std::string rows;
  std::string lines;
  for (const FeedSample& feed : broker.feeds) {
    rows += source_row(feed, now);
    lines += visibility_line(feed);
  }
  return html::table(
             "Sources of broker " + printable(broker.name),
             "Source|Profile|State|Last record|Last event|Counts since|#Success|#Informational|#Error", rows,
             "sources-" + url_encode(broker.name), true) +
         lines;
}

/// All that was counted and is not success, errors first, the most frequent first.
std::string counts_table(const Broker& broker) {
  std::vector<EventRow> rows;
  for (const FeedSample& feed : broker.feeds) std::ranges::move(event_rows(feed), std::back_inserter(rows));
  std::erase_if(rows, [](const EventRow& row) { return row.cls == mqtt::Class::success; });
  if (rows.empty()) return {};
  sort_by_severity(rows);
  const std::size_t more = rows.size() - std::min(rows.size(), kMaxRowsShown);
  rows.resize(rows.size() - more);
  std::string cells;
  for (const EventRow& row : rows) {
    cells += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td{}>{}</td><td>{}</td>{}</tr>\n",
                         row.what, row.protocol, row.code, row.reason,
                         row.cls == mqtt::Class::error ? " class=\"error\"" : "", to_string(row.cls),
                         row.evidence, number_cell(row.count, "count"));
  }
  std::string html = "<details><summary>Everything counted that is not a success</summary>\n" +
                     html::table("Events of broker " + printable(broker.name) + " since its counters started",
                                 "What|Protocol|Code|Reason|Class|Evidence|#Count", cells,
                                 "counts-" + url_encode(broker.name), true);
  if (more > 0) html += fmt::format("<p class=\"quiet\">{} more rows: see the metrics.</p>\n", more);
  return html + "</details>\n";
}

std::string broker_section(const NowPage& page, const Broker& broker) {
  const bool calm = broker.source_findings.empty() && broker.has_read_events && broker.recent_errors() == 0;
  const std::string_view css = !broker.client_findings.empty()            ? " finding"
                               : calm && broker.blind.empty()             ? " calm"
                               : !broker.source_findings.empty() || !calm ? " caution"
                                                                          : "";
  return fmt::format("<section class=\"card{}\">\n<h2>Broker {}</h2>\n", css, text(broker.name)) +
         verdict(broker) + findings_list(broker) + errors_table(broker, page.history_seconds) +
         top_clients_summary(page.remembered, broker.name, page.now_seconds) +
         sources(broker, page.now_seconds) + counts_table(broker) + "</section>\n";
}

}  // namespace

std::string render(const NowPage& page) {
  std::string html = "<h1>Now</h1>\n<div class=\"tools\" data-refresh=\"10\"></div>\n<div id=\"results\">\n";
  const std::vector<std::string> brokers = broker_names(page.feeds);
  for (std::size_t i = 0; i < std::min(brokers.size(), kMaxBrokersShown); ++i)
    html += broker_section(page, broker_of(page, brokers[i]));
  if (brokers.size() > kMaxBrokersShown)
    html += fmt::format("<p>{} more brokers: see the metrics.</p>\n", brokers.size() - kMaxBrokersShown);
  html += why_nothing_is_remembered(page.remembered);
  html +=
      "<p class=\"quiet\">Findings compare the counts of this exporter with the limits of the alerts. "
      "Prometheus also "
      "compares with the traffic and with the past, and waits some minutes, so it may raise fewer "
      "alerts.</p>\n";
  return html + "</div>\n";
}

}  // namespace mre
