// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exporter/cli/flags.h"

namespace mre {

/// The name of a broker of which only the packets are known.
inline constexpr std::string_view kUnprofiledBroker = "mqtt";

/// A profile by its name, or, where the text holds a "/" or ends in .yaml, from its file.
Result<std::shared_ptr<const Profile>> profile_by_name_or_file(const std::string& text);

/// What to serve: the config file's brokers, or the one that the flags --broker.*, --log.*, --mqtt.*
/// and --capture.* describe.
Result<Config> config_to_serve(Settings settings);

}  // namespace mre
