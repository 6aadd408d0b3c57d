// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "exporter/base/error.h"

namespace mre {

/// The content that the server serves. The functions are called on several threads at once and must not block
/// for long. An exception is logged and answered with 500, without its text.
struct Pages {
  std::function<std::string()> metrics;       ///< Exposition in text format 0.0.4.
  std::function<std::string()> landing_html;  ///< The page at /.
  std::function<bool()> ready;                ///< Whether /-/ready answers 200 or 503.

  /// POST or PUT /-/reload: reloads the configuration and returns the result. The text of an error is sent to
  /// the client. May take seconds. Null: 403.
  std::function<Result<void>()> reload = nullptr;
  /// POST or PUT /-/quit: starts the shutdown and returns at once. Null: 403.
  std::function<void()> quit = nullptr;
  std::function<std::string()> runbook_html = nullptr;  ///< The page at /runbook. Null: 404.
};

}  // namespace mre
