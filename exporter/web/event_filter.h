// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "exporter/clients/any_event.h"
#include "exporter/http/query.h"
#include "exporter/metrics/counted_kind.h"
#include "exporter/web/remembered.h"

namespace mre {

/// Which events and clients a request asks for. An empty member asks for all.
struct EventFilter {
  explicit EventFilter(const Query& query)
      : broker(query.get("broker")),
        packet(query.get("packet")),
        reason(query.get("reason")),
        client(query.get("client")),
        peer(query.get("peer")) {}

  /// Whether the group is asked for: `packet` is its `what` in any case, `reason` its reason.
  bool matches(const EventGroup& group) const;

  std::string_view broker;
  std::string_view packet;
  std::string_view reason;
  std::string_view client;  ///< A part of the client id, or of the user name.
  std::string_view peer;    ///< A part of the address.
};

/// What `packet` may be: the packets, "end" and the three kinds of denials.
std::vector<std::string_view> group_names();

/// The fields of a form for the filter, filled in; `peer` only if `with_peer`.
std::string filter_fields(const EventFilter& filter, const Remembered& remembered, bool with_peer);

/// A page of what is remembered, as HTML: `introduction`, the form of a filter with its `fields`, and below it what
/// `results` returns. The script asks for it every `refresh_seconds`. If nothing is remembered, why.
std::string filtered_page(const Remembered& remembered, std::string_view introduction, std::string_view path,
                          std::string_view fields, int refresh_seconds,
                          const std::function<std::string()>& results);

/// The `packet` of a filter that matches these events: "CONNACK", "end", "publish denied".
std::string_view group_name(const CountedKind& kind);

/// Links to the clients and the events of that kind, as HTML; an empty `broker`: of all.
std::string clients_and_events(std::string_view broker, const CountedKind& kind);

/// One fact about a client, as HTML: "user bob". Empty if `value` is.
std::string client_detail(std::string_view name, std::string_view value);

/// What the reason means and what to do first, as HTML with links to /codes and /runbook.
std::string explanation(const EventGroup& group, const AnyEvent* event);

}  // namespace mre
