// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/config/config.h"
#include "exporter/process/needs.h"

namespace mre {

/// The files and rights that the exporter needs while it runs with this configuration: the file `config_file`
/// (empty: none), the profiles, the logs of the brokers, passwords and certificates. Patterns stand for the files
/// that match them now.
Needs required_access(const Config& config, const std::string& config_file);

}  // namespace mre
