// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/web_pages.h"

#include <utility>

#include "exporter/web/api.h"
#include "exporter/web/codes_page.h"
#include "exporter/web/landing_page.h"
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

std::optional<Page> WebPages::answer(const PageRequest& request) const {
  if (request.path == "/")
    return page(request, "Now", render(LandingPage{inputs_.samples(), inputs_.now_seconds()}));
  if (request.path == "/codes") return page(request, "Codes", codes_html(inputs_.samples(), request.query));
  if (request.path == "/runbook") return page(request, "Runbook", runbook_html());
  if (request.path.starts_with(kStatic))
    return static_page(std::string_view(request.path).substr(kStatic.size()));
  if (request.path.starts_with("/api/")) return api_page(request, inputs_.samples);
  return std::nullopt;
}

}  // namespace mre
