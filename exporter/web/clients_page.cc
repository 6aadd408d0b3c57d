// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/clients_page.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "exporter/web/event_filter.h"
#include "exporter/web/html.h"

namespace mre {
namespace {

constexpr std::size_t kSummaryClients = 5;
constexpr std::size_t kSummaryBrokers = 5;
constexpr std::size_t kShownClients = 10;    // of a group, on the page
constexpr std::size_t kChosenClients = 100;  // if one reason is asked for
constexpr std::size_t kMaxGroups = 50;
constexpr std::size_t kSketch = 512;        // more clients than a sketch has
constexpr std::size_t kComparedBytes = 60;  // sketches cut names to a little more

struct FoundClients {
  struct One {
    std::string_view broker;
    TopList list;
    std::vector<RecentEvent> recent;  ///< Of the group, newest first.
  };
  std::vector<One> lists;
  std::size_t more_groups = 0;
};

/// "12", or "between 12 and 15" where the sketch is not exact.
std::string count_text(const TopClient& client) {
  if (client.at_least == client.at_most) return html::number(client.at_least);
  return fmt::format("{} to {}", html::number(client.at_least), html::number(client.at_most));
}

Period period_of(std::string_view text) {
  for (const Period period : {Period::five_minutes, Period::since_start})
    if (to_string(period) == text) return period;
  return Period::hour;
}

constexpr std::string_view words_for(Period period) {
  constexpr std::string_view words[kPeriods] = {"the last 5 minutes", "the last hour",
                                                "the time since the start"};
  return words[static_cast<std::size_t>(period)];
}

void filter_by_name(TopList& list, std::string_view part, std::size_t max) {
  std::erase_if(list.clients,
                [&](const TopClient& client) { return client.name.find(part) == std::string::npos; });
  if (list.clients.size() > max) list.clients.resize(max);
}

FoundClients find_clients(const Remembered& remembered, const EventFilter& filter, Period period,
                          double now) {
  FoundClients found;
  const std::size_t max = filter.reason.empty() && filter.packet.empty() ? kShownClients : kChosenClients;
  for (const NamedHistory& one : remembered.histories) {
    if (!filter.broker.empty() && filter.broker != one.broker) continue;
    const EventHistory::Recent recent = one.history->recent();
    for (TopList& list : one.history->top(period, now, filter.client.empty() ? max : kSketch)) {
      if (!filter.matches(list.group)) continue;
      filter_by_name(list, filter.client, max);
      if (list.clients.empty() && !filter.client.empty()) continue;
      if (found.lists.size() == kMaxGroups) {
        ++found.more_groups;
        continue;
      }
      FoundClients::One entry{one.broker, std::move(list), {}};
      std::ranges::copy_if(recent.events, std::back_inserter(entry.recent), [&](const RecentEvent& event) {
        return group_of(event.event) == entry.list.group;
      });
      found.lists.push_back(std::move(entry));
    }
  }
  return found;
}

/// What the recent events say about a client of the list.
struct Seen {
  const RecentEvent* last = nullptr;
  const RecentEvent* first = nullptr;
};

Seen seen_of(const FoundClients::One& entry, const TopClient& client) {
  Seen seen;
  for (const RecentEvent& event : entry.recent) {
    const std::string_view name = IdentityFilter::name_of(event.subject);
    if (name.substr(0, kComparedBytes) != std::string_view(client.name).substr(0, kComparedBytes)) continue;
    if (seen.last == nullptr) seen.last = &event;
    seen.first = &event;
  }
  return seen;
}

std::string client_row(const FoundClients::One& entry, const TopClient& client, double now) {
  const Seen seen = seen_of(entry, client);
  const double share = entry.list.events == 0 ? 0
                                              : 100 * static_cast<double>(client.at_least) /
                                                    static_cast<double>(entry.list.events);
  std::string details;
  if (seen.last != nullptr) {
    details = client_detail("user", seen.last->subject.user) +
              client_detail("address", seen.last->subject.peer) +
              client_detail("topic", seen.last->subject.topic) +
              client_detail("says", seen.last->subject.reason_string);
  }
  return fmt::format(
      "<tr><th scope=\"row\" class=\"any\"><a "
      "href=\"/events?broker={}&amp;reason={}&amp;client={}\"><code>{}</code></a></th>"
      "<td class=\"number\" data-value=\"{}\" data-label=\"events\">{}</td>"
      "<td class=\"number\" data-label=\"share\">{:.0f} %</td>"
      "<td data-label=\"first recent event\">{}</td><td data-label=\"last event\">{}</td>"
      "<td class=\"any\">{}</td></tr>\n",
      url_encode(entry.broker), entry.list.group.reason,
      url_encode(std::string_view(client.name).substr(0, kComparedBytes)), html::text(client.name),
      client.at_least, count_text(client), share,
      seen.first == nullptr ? "" : html::moment(seen.first->time_seconds, now),
      seen.last == nullptr ? "" : html::moment(seen.last->time_seconds, now), details);
}

/// Whether the text is an IP address. Mosquitto up to 2.0 writes it in place of a client id that it does not know.
bool is_address(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

/// Why there are addresses instead of client ids, if that is so.
std::string only_addresses(const FoundClients::One& entry) {
  const bool all = std::ranges::all_of(entry.recent, [](const RecentEvent& event) {
    const OwnedSubject& subject = event.subject;
    return subject.user.empty() &&
           (subject.client.empty() ? !subject.peer.empty() : is_address(subject.client));
  });
  if (!all || entry.recent.empty()) return {};
  return "<p class=\"quiet\">These events have addresses only. Either the records have no client id, which a "
         "capture as a second source adds, or <code>clients.identity</code> is <code>address</code>.</p>\n";
}

std::string group_section(const FoundClients::One& entry, std::size_t number, double now) {
  const EventGroup& group = entry.list.group;
  std::string rows;
  for (const TopClient& client : entry.list.clients) rows += client_row(entry, client, now);
  std::string html = fmt::format(
      "<section class=\"card\">\n<h2>{}: {} <span class=\"quiet\">broker {}</span></h2>\n<p>{}</p>\n"
      "<p>{} events of all clients, counted since {}. ",
      group.what, group.reason, html::text(entry.broker), explanation(group, nullptr),
      html::number(entry.list.events), html::moment(entry.list.since_seconds, now));
  html += entry.list.other_at_most == 0
              ? "The counts are exact.</p>\n"
              : fmt::format(
                    "There were more clients than counters. A client without a counter had at most {}.</p>\n",
                    html::number(entry.list.other_at_most));
  return html + only_addresses(entry) +
         html::table(fmt::format("Clients with the most events: {} {} at {}", group.what, group.reason,
                                 printable(entry.broker)),
                     "Client|#Events|#Share|First recent event|Last event|Last seen with", rows,
                     fmt::format("clients-{}", number), true) +
         "</section>\n";
}

struct Ranked {
  TopClient client;
  EventGroup group;
};

/// The clients of a broker with the most events in the last hour. Empty `reason`: of all.
std::vector<Ranked> ranked_clients(const Remembered& remembered, std::string_view broker,
                                   std::string_view reason, double now) {
  std::vector<Ranked> all;
  for (const NamedHistory& one : remembered.histories) {
    if (!remembered.on || one.broker != broker) continue;
    for (const TopList& list : one.history->top(Period::hour, now, kSummaryClients)) {
      if (!reason.empty() && list.group.reason != reason) continue;
      for (const TopClient& client : list.clients) all.push_back({client, list.group});
    }
  }
  std::ranges::stable_sort(
      all, [](const Ranked& a, const Ranked& b) { return a.client.at_least > b.client.at_least; });
  if (all.size() > kSummaryClients) all.resize(kSummaryClients);
  return all;
}

std::string period_choice(Period chosen) {
  std::string options;
  for (const Period period : {Period::five_minutes, Period::hour, Period::since_start})
    options += fmt::format("<option value=\"{}\"{}>{}</option>", to_string(period),
                           period == chosen ? " selected" : "", words_for(period));
  return "<label>Period <select name=\"period\">" + options + "</select></label>\n";
}

}  // namespace

std::string top_clients_summary(const Remembered& remembered, std::string_view broker, double now_seconds) {
  std::string rows;
  for (const Ranked& one : ranked_clients(remembered, broker, {}, now_seconds)) {
    rows += fmt::format(
        "<tr><th scope=\"row\" class=\"any\"><a "
        "href=\"/events?broker={}&amp;client={}\"><code>{}</code></a></th>"
        "<td>{}</td><td>{}</td>"
        "<td class=\"number\" data-value=\"{}\" data-label=\"events\">{}</td></tr>\n",
        url_encode(broker), url_encode(std::string_view(one.client.name).substr(0, kComparedBytes)),
        html::text(one.client.name), one.group.what, one.group.reason, one.client.at_least,
        count_text(one.client));
  }
  if (rows.empty()) return {};
  return html::table("Top clients of broker " + printable(broker) + " in the last hour",
                     "Client|Where|Reason|#Events", rows, "clients-" + url_encode(broker), true);
}

std::string top_clients_of(const Remembered& remembered, std::string_view reason, double now_seconds) {
  std::string text;
  std::size_t brokers = 0;
  for (const NamedHistory& one : remembered.histories) {
    std::string names;
    for (const Ranked& ranked : ranked_clients(remembered, one.broker, reason, now_seconds))
      names += fmt::format("{}<code>{}</code> ({})", names.empty() ? "" : ", ",
                           html::text(ranked.client.name), count_text(ranked.client));
    if (names.empty() || ++brokers > kSummaryBrokers) continue;
    text += text.empty() ? "" : "; ";
    if (remembered.histories.size() > 1) text += fmt::format("broker {}: ", html::text(one.broker));
    text += names;
  }
  if (brokers > kSummaryBrokers) text += fmt::format("; and {} more brokers", brokers - kSummaryBrokers);
  return text.empty() ? text : "Top clients in the last hour: " + text + ". ";
}

std::string clients_html(const Remembered& remembered, const Query& query, double now_seconds) {
  const EventFilter filter(query);
  const Period period = period_of(query.get("period"));
  const auto results = [&] {
    const FoundClients found = find_clients(remembered, filter, period, now_seconds);
    const std::size_t kinds = found.lists.size() + found.more_groups;
    std::string html = fmt::format("<p role=\"status\">{} of events in {}.</p>\n",
                                   kinds == 1 ? "1 kind" : fmt::format("{} kinds", kinds), words_for(period));
    for (std::size_t i = 0; i < found.lists.size(); ++i)
      html += group_section(found.lists[i], i, now_seconds);
    if (found.more_groups > 0)
      html += fmt::format("<p>{} more kinds of events: filter.</p>\n", found.more_groups);
    return html;
  };
  return filtered_page(remembered,
                       "<h1>Top clients</h1>\n<p>The clients with the most errors and ends of connections, "
                       "for each packet and "
                       "reason. They are in memory only and end with the exporter.</p>\n",
                       "/clients", period_choice(period) + filter_fields(filter, remembered, false), 10,
                       results);
}

std::string clients_json(const Remembered& remembered, const Query& query, double now_seconds) {
  const Period period = period_of(query.get("period"));
  const FoundClients found = find_clients(remembered, EventFilter(query), period, now_seconds);
  std::string groups;
  for (const FoundClients::One& entry : found.lists) {
    std::string clients;
    for (const TopClient& client : entry.list.clients) {
      clients +=
          fmt::format("{}{{\"client\":\"{}\",\"at_least\":{},\"at_most\":{}}}", clients.empty() ? "" : ",",
                      json_escape(client.name), client.at_least, client.at_most);
    }
    groups += fmt::format(
        "{}{{\"broker\":\"{}\",\"packet\":\"{}\",\"reason\":\"{}\",\"since\":{:.0f},\"events\":{},\"other_at_"
        "most\":{},"
        "\"clients\":[{}]}}",
        groups.empty() ? "" : ",\n", json_escape(printable(entry.broker)), entry.list.group.what,
        entry.list.group.reason, entry.list.since_seconds, entry.list.events, entry.list.other_at_most,
        clients);
  }
  return fmt::format("{},\"period\":\"{}\",\"more_groups\":{},\"groups\":[{}]}}\n",
                     remembered_json(remembered), to_string(period), found.more_groups, groups);
}

}  // namespace mre
