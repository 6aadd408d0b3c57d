// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/join.h"
#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/mqtt/close_reason.h"
#include "exporter/web/broker_choice.h"
#include "exporter/web/clients_page.h"
#include "exporter/web/codes_page.h"
#include "exporter/web/event_filter.h"
#include "exporter/web/events_page.h"
#include "exporter/web/sources_json.h"
#include "exporter/web/static_files.h"

namespace mre {
namespace {

constexpr std::string_view kBase = "/api/v1/";

Page json(int status, std::string body) { return {status, "application/json", std::move(body), "no-store"}; }

Page error(int status, std::string_view what) {
  return json(status, "{\"error\":\"" + json_escape(printable(what)) + "\"}\n");
}

/// Whether one of the media ranges of Accept includes JSON. Weights do not matter, there is nothing to choose from.
bool accepts_json(std::string_view accept) {
  if (accept.empty()) return true;
  while (!accept.empty()) {
    std::string_view range = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(accept.size(), range.size() + 1));
    range = range.substr(0, range.find(';'));
    range.remove_prefix(std::min(range.size(), range.find_first_not_of(' ')));
    while (range.ends_with(' ')) range.remove_suffix(1);
    if (range == "application/json" || range == "application/*" || range == "*/*") return true;
  }
  return false;
}

/// A parameter and what is wrong with its value; an empty text if nothing is.
struct Parameter {
  std::string_view name;
  std::string (*complain)(std::string_view value);
};

std::string any_value(std::string_view) { return {}; }

std::string group_value(std::string_view value) {
  const auto names = group_names();
  const auto is_value = [&](std::string_view name) {
    return EventFilter(Query::parse("?packet=" + url_encode(value)).value())
        .matches({.what = name, .reason = {}});
  };
  return std::ranges::any_of(names, is_value) ? "" : "use one of: " + join(names, ", ");
}

/// The labels of codes and of reasons without a code, and that of codes that the standard does not define.
std::vector<std::string_view> reason_labels() {
  std::vector<std::string_view> labels = {"unknown"};
  for (const mqtt::Reason& reason : mqtt::reasons()) labels.push_back(reason.label);
  for (const mqtt::CloseReasonRow& row : mqtt::close_reasons()) labels.push_back(row.label);
  return labels;
}

std::string reason_value(std::string_view value) {
  const std::vector<std::string_view> labels = reason_labels();
  if (value.empty() || std::ranges::find(labels, value) != labels.end()) return {};
  const auto near = nearest(value, labels);
  return near ? fmt::format("did you mean \"{}\"?", *near)
              : "use a reason of /api/v1/codes, such as not_authorized";
}

std::string period_value(std::string_view value) {
  return value == "5m" || value == "1h" || value == "start" ? "" : "use 5m, 1h or start";
}

std::string limit_value(std::string_view value) {
  unsigned limit = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), limit);
  const bool good =
      problem == std::errc() && end == value.data() + value.size() && limit >= 1 && limit <= 1000;
  return good ? "" : "use a number from 1 to 1000";
}

constexpr Parameter kBroker{"broker", any_value};
constexpr Parameter kPacket{"packet", group_value};
constexpr Parameter kReason{"reason", reason_value};
constexpr Parameter kClient{"client", any_value};

constexpr Parameter kCodes[] = {kBroker, {"q", any_value}};
constexpr Parameter kEvents[] = {
    kBroker, kPacket, kReason, kClient, {"peer", any_value}, {"limit", limit_value}};
constexpr Parameter kClients[] = {kBroker, kPacket, kReason, kClient, {"period", period_value}};
constexpr Parameter kSources[] = {kBroker};

struct Endpoint {
  std::string_view name;
  std::span<const Parameter> parameters;
  std::string (*body)(const ApiInputs& inputs, const Query& query);
};

constexpr Endpoint kEndpoints[] = {
    {"clients", kClients,
     [](const ApiInputs& in, const Query& query) {
       return clients_json(in.remembered, query, in.now_seconds);
     }},
    {"codes", kCodes, [](const ApiInputs& in, const Query& query) { return codes_json(in.feeds, query); }},
    {"events", kEvents,
     [](const ApiInputs& in, const Query& query) { return events_json(in.remembered, query); }},
    {"openapi.json",
     {},
     [](const ApiInputs&, const Query&) { return std::string(static_file("openapi.json")->content); }},
    {"sources", kSources,
     [](const ApiInputs& in, const Query& query) { return sources_json(in.feeds, query); }},
};

/// What is wrong with the parameters; nullopt if nothing is.
std::optional<Page> wrong_parameters(const Endpoint& endpoint, const Query& query, const ApiInputs& inputs) {
  for (const auto& [name, value] : query.parameters()) {
    const auto at = std::ranges::find(endpoint.parameters, name, &Parameter::name);
    if (at == endpoint.parameters.end()) {
      const std::string names = join(endpoint.parameters, ", ", &Parameter::name);
      return error(400, fmt::format("unknown parameter \"{}\": {}", printable(name, 60),
                                    names.empty() ? "there is none" : "use " + names));
    }
    if (const std::string complaint = at->complain(value); !complaint.empty())
      return error(400,
                   fmt::format("\"{}\" is not a value of {}: {}", printable(value, 60), name, complaint));
  }
  const std::string_view broker = query.get("broker");
  const std::vector<std::string> brokers = broker_names(inputs.feeds);
  if (!broker.empty() && std::ranges::find(brokers, broker) == brokers.end())
    return error(404, fmt::format("there is no broker \"{}\"", printable(broker, 60)));
  return std::nullopt;
}

}  // namespace

std::optional<Page> api_page(const PageRequest& request, const ApiInputs& inputs) {
  std::string_view path = request.path;
  if (!path.starts_with(kBase)) return std::nullopt;
  path.remove_prefix(kBase.size());
  const auto* const endpoint = std::ranges::find(kEndpoints, path, &Endpoint::name);
  if (endpoint == std::end(kEndpoints)) return std::nullopt;
  if (!accepts_json(request.accept))
    return error(406, "the answer is application/json, which Accept excludes");
  if (auto wrong = wrong_parameters(*endpoint, request.query, inputs)) return wrong;
  return json(200, endpoint->body(inputs, request.query));
}

}  // namespace mre
