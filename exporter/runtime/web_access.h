// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/clients/client_options.h"
#include "exporter/http/server.h"
#include "exporter/runtime/event_histories.h"
#include "exporter/web_config/web_config.h"

namespace mre {

/// Opens the web configuration that the options name; null if they name none. Logs warnings about unsafe settings.
/// Errors: as of read_web_config.
Result<std::unique_ptr<WebConfig>> open_web_config(const HttpOptions& options);

/// Logs the outcome of a reload.
void log_reload(const WebConfig& config, const Result<void>& outcome);

/// Whether the clients behind events are kept, and why: `auto` keeps them if nobody but this machine, or only clients
/// that authenticate, can read them. Arguments as of `exposure`.
EventHistories::Remembering remembering(ClientOptions::Remember option,
                                        const std::vector<std::string>& addresses,
                                        const WebSettings* settings);

/// A warning about serving on these addresses ("host:port", numeric) without protection, and what to do, in one line.
/// Empty if they are protected, or only this machine can reach them. `settings` is null without a web configuration.
std::string exposure(const std::vector<std::string>& addresses, const WebSettings* settings, bool lifecycle);

}  // namespace mre
