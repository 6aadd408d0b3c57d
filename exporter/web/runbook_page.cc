// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/runbook_page.h"

#include <fmt/format.h>

#include <map>

#include "exporter/metrics/counted_kind.h"
#include "exporter/runbook/page.h"
#include "exporter/web/clients_page.h"
#include "exporter/web/html.h"

namespace mre {
namespace {

/// By reason and by what happened: "CONNACK sent".
using Counts = std::map<std::string_view, std::map<std::string, std::uint64_t>>;

Counts counts_of(std::span<const FeedSample> feeds) {
  Counts counts;
  for (const FeedSample& feed : feeds) {
    if (feed.withheld) continue;
    for_each_series(feed.counts, [&](const CountedKind& kind, std::uint64_t count) {
      if (count > 0) counts[kind.reason][what(kind)] += count;
    });
  }
  return counts;
}

std::string live_block(const RunbookPart& chapter, const Counts& counts, const Remembered& remembered,
                       double now) {
  std::string text;
  if (const auto at = counts.find(chapter.reason); at != counts.end()) {
    for (const auto& [where, count] : at->second)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", where, html::number(count));
  }
  return fmt::format(
      "<p class=\"live\"><strong>Here:</strong> {}. {}<a href=\"/events?reason={}\">events</a> · "
      "<a href=\"/clients?reason={}\">clients</a></p>\n",
      text.empty() ? "none counted" : text, top_clients_of(remembered, chapter.reason, now), chapter.reason,
      chapter.reason);
}

}  // namespace

std::string runbook_html(std::span<const FeedSample> feeds, const Remembered& remembered,
                         double now_seconds) {
  const Counts counts = counts_of(feeds);
  std::string html;
  for (const RunbookPart& part : runbook()) {
    html += part.title;
    if (!part.reason.empty()) html += live_block(part, counts, remembered, now_seconds);
    html += part.text;
  }
  return html;
}

}  // namespace mre
