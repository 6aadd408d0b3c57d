// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/config/config.h"
#include "exporter/runtime/reload.h"

namespace mre {

/// Reads the sources and serves the pages until SIGINT or SIGTERM. SIGHUP reloads the configuration from `origin`. A
/// missing log or broker does not stop the exporter. Errors: an address that cannot be listened on, or a
/// configuration that cannot be used; then nothing was created or started.
Result<void> serve(const Config& config, const ConfigOrigin& origin);

}  // namespace mre
