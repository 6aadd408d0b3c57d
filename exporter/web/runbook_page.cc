// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/runbook_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <ranges>
#include <utility>
#include <vector>

#include "exporter/metrics/counted_kind.h"
#include "exporter/runbook/page.h"
#include "exporter/web/alerts.h"
#include "exporter/web/clients_page.h"
#include "exporter/web/event_filter.h"
#include "exporter/web/html.h"

namespace mre {
namespace {

constexpr std::size_t kMaxKinds = 5;  // of an alert

using Counts = std::map<CountedKind, std::uint64_t>;

Counts counts_of(std::span<const FeedSample> feeds) {
  Counts counts;
  for (const FeedSample& feed : feeds) {
    if (feed.withheld) continue;
    for_each_series(feed.counts, [&](const CountedKind& kind, std::uint64_t count) {
      if (count > 0) counts[kind] += count;
    });
  }
  return counts;
}

/// What was counted of the reason, and its clients.
std::string block_of_reason(std::string_view reason, const Counts& counts, const Remembered& remembered,
                            double now) {
  std::string text;
  for (const auto& [kind, count] : counts) {
    if (kind.reason == reason)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what(kind), html::number(count));
  }
  return fmt::format(
      "<p class=\"live\"><strong>Here:</strong> {}. {}<a href=\"/events?reason={}\">events</a> · "
      "<a href=\"/clients?reason={}\">clients</a></p>\n",
      text.empty() ? "none counted" : text, top_clients_of(remembered, reason, now), reason, reason);
}

/// What was counted of the events that the alert watches, the most frequent first, each with its clients. Empty for alerts
/// that do not watch single reasons.
std::string block_of_alert(std::string_view name, const Counts& counts) {
  const auto alerts = watching_alerts();
  const auto alert = std::ranges::find(alerts, name, &WatchingAlert::name);
  if (alert == alerts.end()) return {};
  std::vector<std::pair<std::uint64_t, CountedKind>> kinds;
  for (const auto& [kind, count] : counts)
    if (alert->watches(kind)) kinds.emplace_back(count, kind);
  std::ranges::stable_sort(kinds, std::greater<>(), &std::pair<std::uint64_t, CountedKind>::first);
  std::string text;
  for (const auto& [count, kind] : kinds | std::views::take(kMaxKinds))
    text += fmt::format("{}{} {} {} ({})", text.empty() ? "" : "; ", what(kind), kind.reason,
                        html::number(count), clients_and_events({}, kind));
  if (kinds.size() > kMaxKinds) text += fmt::format("; and {} more", kinds.size() - kMaxKinds);
  return fmt::format("<p class=\"live\"><strong>Here:</strong> {}.</p>\n",
                     text.empty() ? "none counted" : text);
}

}  // namespace

std::string runbook_html(std::span<const FeedSample> feeds, const Remembered& remembered,
                         double now_seconds) {
  const Counts counts = counts_of(feeds);
  std::string html;
  for (const RunbookPart& part : runbook()) {
    html += part.title;
    if (!part.reason.empty()) html += block_of_reason(part.reason, counts, remembered, now_seconds);
    if (!part.alert.empty()) html += block_of_alert(part.alert, counts);
    html += part.text;
  }
  return html;
}

}  // namespace mre
