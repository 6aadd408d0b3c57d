// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/web_pages.h"

#include <utility>

#include "exporter/web/api.h"
#include "exporter/web/clients_page.h"
#include "exporter/web/codes_page.h"
#include "exporter/web/events_page.h"
#include "exporter/web/now_page.h"
#include "exporter/web/runbook_page.h"
#include "exporter/web/static_files.h"

namespace mre {
namespace {

constexpr std::string_view kStatic = "/static/";

/// Its address has the version of its content in the query: it may be kept for a year.
std::optional<Page> static_page(std::string_view name) {
  const StaticFile* file = static_file(name);
  if (file == nullptr) return std::nullopt;
  const std::string_view type = name.ends_with(".css")  ? "text/css; charset=utf-8"
                                : name.ends_with(".js") ? "text/javascript; charset=utf-8"
                                                        : "application/json";
  return Page{200, std::string(type), std::string(file->content), "max-age=31536000, immutable"};
}

}  // namespace

WebPages::WebPages(Layout layout, Inputs inputs) : layout_(std::move(layout)), inputs_(std::move(inputs)) {}

Page WebPages::page(const PageRequest& request, std::string_view title, std::string_view main) const {
  return {.body = layout_.document(request.path, title, main)};
}

/// With the samples of this moment, so that the page agrees with the metrics.
std::string WebPages::now_html() const {
  const double now = inputs_.now_seconds();
  std::vector<FeedSample> feeds = inputs_.samples();
  inputs_.counts->add(feeds, now);
  return render(NowPage{std::move(feeds), inputs_.counts->rows(now), inputs_.remembered(), now,
                        now - inputs_.counts->started_seconds()});
}

std::optional<Page> WebPages::answer(const PageRequest& request) const {
  const std::string_view path = request.path;
  const Query& query = request.query;
  if (path == "/") return page(request, "Now", now_html());
  if (path == "/codes") return page(request, "Codes", codes_html(inputs_.samples(), query));
  if (path == "/events")
    return page(request, "Events", events_html(inputs_.remembered(), query, inputs_.now_seconds()));
  if (path == "/clients")
    return page(request, "Clients", clients_html(inputs_.remembered(), query, inputs_.now_seconds()));
  if (path == "/runbook")
    return page(request, "Runbook",
                runbook_html(inputs_.samples(), inputs_.remembered(), inputs_.now_seconds()));
  if (path.starts_with(kStatic)) return static_page(path.substr(kStatic.size()));
  if (path.starts_with("/api/"))
    return api_page(request, {inputs_.samples(), inputs_.remembered(), inputs_.now_seconds()});
  return std::nullopt;
}

}  // namespace mre
