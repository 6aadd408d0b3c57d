// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/http/server.h"
#include "exporter/web_config/web_config.h"

namespace mre {

/// The web configuration that the options name; null if they name none. Logs what in it is unsafe. Errors:
/// what read_web_config says.
Result<std::unique_ptr<WebConfig>> open_web_config(const HttpOptions& options);

/// Logs what came of reading it again.
void log_reload(const WebConfig& config, const Result<void>& outcome);

/// What is wrong with serving on these addresses ("host:port", numeric) to whoever reaches them, and what to
/// do: one line. Empty if it is in order, or only this machine can reach them. `settings` null: no web
/// configuration.
std::string exposure(const std::vector<std::string>& addresses, const WebSettings* settings, bool lifecycle);

}  // namespace mre
