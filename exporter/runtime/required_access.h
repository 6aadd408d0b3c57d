// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/config/config.h"
#include "exporter/process/needs.h"

namespace mre {

/// What the exporter opens while it runs with this configuration: the file `config_file` itself (empty:
/// none), the profiles, the brokers' logs, passwords and certificates. Looks at the names that match patterns
/// now.
Needs required_access(const Config& config, const std::string& config_file);

}  // namespace mre
