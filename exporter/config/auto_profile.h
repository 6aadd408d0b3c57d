// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/profile/profile.h"

namespace mre {

/// The profile name that means detection from the first records.
inline constexpr std::string_view kAutoProfile = "auto";

/// The profiles that can be detected for a broker: those that can read all its sources. `urls` are the URLs of its MQTT
/// sources. For these a profile is a candidate only if it reads topics that the broker reserves ($aws/ at an endpoint of
/// AWS IoT, $SYS/ elsewhere), because messages that any client can publish must not decide.
std::vector<std::shared_ptr<const Profile>> candidates_for(
    std::span<const std::shared_ptr<const Profile>> profiles, bool has_log,
    std::span<const std::string> urls);

/// The topic filters of all profiles, each once.
std::vector<std::string> topics_of(std::span<const std::shared_ptr<const Profile>> profiles);

}  // namespace mre
