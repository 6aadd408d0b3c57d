// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exporter/cli/flags.h"

namespace mre {

/// The name of a broker that has no profile because only its packets are read.
inline constexpr std::string_view kUnprofiledBroker = "mqtt";

/// Loads the built-in profile of this name, or the file if the text contains a "/" or ends in .yaml or .yml.
/// Errors: invalid_config, with file:line:column or the names that exist.
Result<std::shared_ptr<const Profile>> profile_by_name_or_file(const std::string& text);

/// An error about the options of a group, with the flags in place of the keys of the configuration file: "url: …"
/// becomes "--mqtt.url: …".
std::string with_flags(FlagGroup group, std::string_view what);

/// What to serve: the brokers of the config file, or the one broker that the flags --broker.*, --log.*, --mqtt.*
/// and --capture.* describe. Errors: invalid_config; the text names the flag.
Result<Config> config_to_serve(Settings settings);

}  // namespace mre
