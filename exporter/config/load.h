// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/config/config.h"

namespace mre {

/// Parses a configuration. It is strict: an unknown, duplicate or missing key, a wrong type, an invalid value, or a
/// profile that does not load is an error, `file:line:column: fault: remedy`. Paths are relative to the directory of
/// `file_name`. Opens the profile files and no other file.
Result<Config> load_config(std::string_view text, const std::string& file_name);

/// The same for the file at `path`.
Result<Config> load_config_file(const std::string& path);

/// One key of the configuration file.
struct ConfigKey {
  std::string path;  ///< "web.telemetry_path", "brokers[].sources[].log.from"
  bool required;
  std::string default_text;  ///< As written in a file; empty for required keys and for maps.

  bool operator==(const ConfigKey&) const = default;
};

/// All keys that `load_config` knows, in the order of the reference config/exporter.yaml.
std::vector<ConfigKey> config_keys();

}  // namespace mre
