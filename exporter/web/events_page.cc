// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/events_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "exporter/clients/event_json.h"
#include "exporter/event/event_text.h"
#include "exporter/web/event_filter.h"
#include "exporter/web/html.h"

namespace mre {
namespace {

constexpr std::size_t kPageEvents = 100;
constexpr std::size_t kMaxEvents = 1000;

struct FoundEvents {
  struct One {
    std::string_view broker;
    RecentEvent event;
  };
  std::vector<One> events;    ///< Newest first, at most as many as asked for.
  std::size_t matching = 0;   ///< All that match.
  std::uint64_t added = 0;    ///< Of the brokers asked for, since the start.
  std::uint64_t dropped = 0;  ///< Of these, those that had to make room.
};

bool matches(const EventFilter& filter, const RecentEvent& event) {
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
  };
  const OwnedSubject& subject = event.subject;
  return filter.matches(group_of(event.event)) && has(subject.peer, filter.peer) &&
         (has(subject.client, filter.client) || has(subject.user, filter.client) ||
          IdentityFilter::name_of(subject).find(filter.client) != std::string_view::npos);
}

FoundEvents find_events(const Remembered& remembered, const EventFilter& filter, std::size_t limit) {
  FoundEvents found;
  for (const NamedHistory& one : remembered.histories) {
    if (!filter.broker.empty() && filter.broker != one.broker) continue;
    EventHistory::Recent recent = one.history->recent();
    found.added += recent.added;
    found.dropped += recent.dropped;
    for (RecentEvent& event : recent.events) {
      if (matches(filter, event)) found.events.push_back({one.broker, std::move(event)});
    }
  }
  found.matching = found.events.size();
  std::ranges::stable_sort(found.events, [](const FoundEvents::One& a, const FoundEvents::One& b) {
    return a.event.observed_seconds > b.event.observed_seconds;
  });
  if (found.events.size() > limit) found.events.resize(limit);
  return found;
}

std::size_t limit_of(const Query& query, std::size_t if_missing) {
  const std::string_view text = query.get("limit");
  std::size_t limit = if_missing;
  std::from_chars(text.data(), text.data() + text.size(), limit);
  return std::clamp<std::size_t>(limit, 1, kMaxEvents);
}

/// "CONNACK sent 0x87", "connection ended by broker", "publish denied".
struct WhatOf {
  std::string operator()(const ReasonEvent& event) const {
    return fmt::format("{} {} {}", to_string(event.packet), to_string(event.direction),
                       code_label(event.code));
  }
  std::string operator()(const CloseEvent& event) const {
    return event.initiator == mqtt::Initiator::unknown
               ? "connection ended"
               : fmt::format("connection ended by {}", to_string(event.initiator));
  }
  std::string operator()(const DenialEvent& event) const {
    return fmt::format("{} denied", to_string(event.action));
  }
};

std::string protocol_of(const AnyEvent& event) {
  return std::visit([](const auto& one) { return std::string(to_string(one.protocol)); }, event);
}

/// Whom the event concerns, with a link to the other events of the same client.
std::string subject_of(const OwnedSubject& subject) {
  std::string html;
  if (!subject.client.empty())
    html += fmt::format(
        "<div><span class=\"quiet\">client</span> <a href=\"/events?client={}\"><code>{}</code></a></div>",
        url_encode(subject.client), html::text(subject.client));
  html += client_detail("user", subject.user);
  html += client_detail("address", subject.peer);
  html += client_detail("topic", subject.topic);
  html += client_detail("says", subject.reason_string);
  return html.empty() ? "<span class=\"quiet\">the record names nobody</span>" : html;
}

std::string row_of(const FoundEvents::One& one, double now) {
  const EventGroup group = group_of(one.event.event);
  const auto* code = std::get_if<ReasonEvent>(&one.event.event);
  const mqtt::Class cls = class_of(one.event.event);
  return fmt::format(
      "<tr><td data-value=\"{}\">{}</td><td>{} <span class=\"quiet\">{}</span></td><td>{} <span "
      "class=\"quiet\">MQTT {}{}"
      "</span></td><td><span class=\"{}\">{}</span></td><td class=\"any\">{}</td><td "
      "class=\"any\">{}</td></tr>\n",
      one.event.time_seconds, html::moment(one.event.time_seconds, now), html::text(one.broker),
      html::text(one.event.source), std::visit(WhatOf(), one.event.event), protocol_of(one.event.event),
      code == nullptr ? "" : ", " + std::string(to_string(code->evidence)),
      cls == mqtt::Class::error ? "error" : "quiet", group.reason, subject_of(one.event.subject),
      explanation(group, &one.event.event));
}

}  // namespace

std::string events_html(const Remembered& remembered, const Query& query, double now_seconds) {
  const EventFilter filter(query);
  const auto results = [&] {
    const FoundEvents found = find_events(remembered, filter, limit_of(query, kPageEvents));
    std::string html = fmt::format(
        "<p role=\"status\">{} of {} events that match. {} were added since the start; {} of them had to "
        "make "
        "room for others.</p>\n",
        found.events.size(), found.matching, html::number(found.added), html::number(found.dropped));
    std::string rows;
    for (const FoundEvents::One& one : found.events) rows += row_of(one, now_seconds);
    if (!rows.empty())
      html += html::table("Recent events", "Time|Broker|What|Reason|Who|What it means", rows, "events", true);
    if (found.matching > found.events.size() && found.events.size() < kMaxEvents)
      html += fmt::format(
          "<p class=\"quiet\">Older events: filter, or add <code>limit={}</code> to the address.</p>\n",
          kMaxEvents);
    return html;
  };
  return filtered_page(
      remembered,
      "<h1>Recent events</h1>\n<p>The last errors and ends of connections, newest first: what happened, to "
      "whom, and why. They are in memory only and end with the exporter.</p>\n",
      "/events", filter_fields(filter, remembered, true), 5, results);
}

std::string events_json(const Remembered& remembered, const Query& query) {
  const FoundEvents found = find_events(remembered, EventFilter(query), limit_of(query, kPageEvents));
  std::string events;
  for (const FoundEvents::One& one : found.events) {
    if (!events.empty()) events += ",\n";
    events += event_json(one.broker, one.event);
  }
  return fmt::format("{},\"matching\":{},\"added\":{},\"dropped\":{},\"events\":[{}]}}\n",
                     remembered_json(remembered), found.matching, found.added, found.dropped, events);
}

}  // namespace mre
