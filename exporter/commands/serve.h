// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/config/config.h"
#include "exporter/runtime/reload.h"

namespace mre {

/// Reads the sources and serves the pages until SIGINT or SIGTERM; at SIGHUP it takes the configuration anew
/// from `origin`. A source that is away does not end it.
/// Errors: what Server::listen says, and a plan of feeds that cannot be; then nothing was started.
Result<void> serve(const Config& config, const ConfigOrigin& origin);

}  // namespace mre
