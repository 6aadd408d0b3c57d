// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "exporter/base/join.h"
#include "exporter/base/text.h"
#include "exporter/web/broker_choice.h"
#include "exporter/web/codes_page.h"
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

using Names = std::span<const std::string_view>;

/// What is wrong with the parameters; nullopt if nothing is.
std::optional<Page> wrong_parameters(const PageRequest& request, Names names,
                                     std::span<const FeedSample> feeds) {
  for (const auto& [name, value] : request.query.parameters()) {
    if (std::ranges::find(names, name) == names.end())
      return error(400,
                   fmt::format("unknown parameter \"{}\": use {}", printable(name, 60), join(names, ", ")));
  }
  const std::string_view broker = request.query.get("broker");
  const std::vector<std::string> brokers = broker_names(feeds);
  if (!broker.empty() && std::ranges::find(brokers, broker) == brokers.end())
    return error(404, fmt::format("there is no broker \"{}\"", printable(broker, 60)));
  return std::nullopt;
}

}  // namespace

std::optional<Page> api_page(const PageRequest& request,
                             const std::function<std::vector<FeedSample>()>& samples) {
  std::string_view path = request.path;
  if (!path.starts_with(kBase)) return std::nullopt;
  path.remove_prefix(kBase.size());
  if (path != "openapi.json" && path != "codes") return std::nullopt;
  if (!accepts_json(request.accept))
    return error(406, "the answer is application/json, which Accept excludes");
  if (path == "openapi.json") return json(200, std::string(static_file("openapi.json")->content));
  const std::vector<FeedSample> feeds = samples();
  constexpr std::string_view kCodes[] = {"q", "broker"};
  if (auto wrong = wrong_parameters(request, kCodes, feeds)) return wrong;
  return json(200, codes_json(feeds, request.query));
}

}  // namespace mre
