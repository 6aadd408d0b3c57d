// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "exporter/base/error.h"
#include "exporter/http/query.h"

namespace mre {

/// A GET or HEAD request for a page.
struct PageRequest {
  std::string path;    ///< Percent-decoded: any bytes. Starts with '/'.
  Query query;         ///< The parameters after '?'.
  std::string accept;  ///< The header Accept; empty if there is none.
};

/// The answer to a PageRequest.
struct Page {
  int status = 200;
  std::string type = "text/html; charset=utf-8";  ///< The header Content-Type.
  std::string body;
  std::string cache_control = "no-store";  ///< The header Cache-Control. Pages may name clients.
};

/// The content that the server serves. The functions are called on several threads at once and must not block
/// for long. An exception is logged and answered with 500, without its text.
struct Pages {
  /// The exposition: in OpenMetrics 1.0 or in the text format 0.0.4.
  std::function<std::string(bool openmetrics)> metrics;
  /// All pages for people and programs: "/" and the paths of is_reserved_path. nullopt: 404.
  std::function<std::optional<Page>(const PageRequest&)> page;
  std::function<bool()> ready;  ///< Whether /-/ready answers 200 or 503.

  /// POST or PUT /-/reload: reloads the configuration and returns the result. The text of an error is sent to
  /// the client. May take seconds. Null: 403.
  std::function<Result<void>()> reload = nullptr;
  /// POST or PUT /-/quit: starts the shutdown and returns at once. Null: 403.
  std::function<void()> quit = nullptr;
};

}  // namespace mre
