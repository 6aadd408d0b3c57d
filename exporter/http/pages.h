// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "exporter/base/error.h"

namespace mre {

/// What the server shows. Called from several threads at once; must not block for long. What they throw is
/// logged and answered with 500; its text never reaches the client.
struct Pages {
  std::function<std::string()> metrics;       ///< Exposition in text format 0.0.4.
  std::function<std::string()> landing_html;  ///< The page at /.
  std::function<bool()> ready;                ///< Whether /-/ready answers 200 or 503.

  /// POST or PUT /-/reload: reads the configuration again and returns when that has succeeded or failed. The
  /// text of an error is sent to the client. May take seconds. Null: 403.
  std::function<Result<void>()> reload = nullptr;
  /// POST or PUT /-/quit: asks the exporter to end and returns at once. Null: 403.
  std::function<void()> quit = nullptr;
  std::function<std::string()> runbook_html = nullptr;  ///< The page at /runbook. Null: 404.
};

}  // namespace mre
