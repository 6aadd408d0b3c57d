// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/layout.h"

#include <fmt/format.h>

#include "exporter/web/html.h"
#include "exporter/web/static_files.h"

namespace mre {
namespace {

struct Entry {
  std::string_view path;
  std::string_view name;
};
constexpr Entry kNavigation[] = {{"/", "Now"},
                                 {"/codes", "Codes"},
                                 {"/events", "Events"},
                                 {"/clients", "Clients"},
                                 {"/runbook", "Runbook"}};

std::string link(std::string_view path, std::string_view name, bool is_here) {
  return fmt::format("<li><a href=\"{}\"{}>{}</a></li>", html::text(path),
                     is_here ? " aria-current=\"page\"" : "", name);
}

/// Its address changes with its content, so that browsers may keep it.
std::string file_address(std::string_view name) {
  return fmt::format("/static/{}?v={}", name, static_file(name)->version);
}

}  // namespace

std::string Layout::document(std::string_view path, std::string_view title, std::string_view main) const {
  std::string links;
  for (const Entry& entry : kNavigation) links += link(entry.path, entry.name, entry.path == path);
  links += link(telemetry_path, "Metrics", false);
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{}: MQTT reason exporter</title>
<link rel="stylesheet" href="{}">
<script src="{}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<a class="brand" href="/">MQTT reason exporter</a>
<nav aria-label="Pages"><ul>{}</ul></nav>
</header>
<main id="main">
{}</main>
<footer>
<p>Version {} (revision {}) · <a href="/api/v1/openapi.json">API</a> · <a href="/-/healthy">health</a> · <a href="/-/ready">readiness</a></p>
</footer>
</body>
</html>
)",
      html_escape(title), file_address("page.css"), file_address("page.js"), links, main, html::text(version),
      html::text(revision));
}

}  // namespace mre
