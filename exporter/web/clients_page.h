// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/http/query.h"
#include "exporter/web/remembered.h"

namespace mre {

/// The clients with the most events of a broker in the last hour, as HTML for the page of the present. Empty if nothing
/// is remembered or there was no event.
std::string top_clients_summary(const Remembered& remembered, std::string_view broker, double now_seconds);

/// "Top clients in the last hour: pump (12), valve (3). ", as HTML; empty if there are none. With several brokers,
/// those of each: "broker hall: pump (12); broker yard: valve (3)", of the first five that have some.
std::string top_clients_of(const Remembered& remembered, std::string_view reason, double now_seconds);

/// The page /clients as HTML, to be put into the Layout: of each group of events the clients with the most. Of the query:
/// broker, packet (also "end", "publish denied"), reason, client (a part of its name), period (5m, 1h, start).
std::string clients_html(const Remembered& remembered, const Query& query, double now_seconds);

/// /api/v1/clients: the same as JSON.
std::string clients_json(const Remembered& remembered, const Query& query, double now_seconds);

}  // namespace mre
