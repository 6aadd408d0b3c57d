// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/profile/profile.h"

namespace mre {

/// In the place of a profile's name: the broker's first records choose one.
inline constexpr std::string_view kAutoProfile = "auto";

/// The profiles that can read every source of a broker: those that the choice is between. `urls`: of its MQTT
/// sources. There a profile takes part only if it reads topics that the broker reserves, because messages
/// that any client may send must not choose it: topics below $aws/ at an endpoint of AWS IoT, below $SYS/
/// elsewhere.
std::vector<std::shared_ptr<const Profile>> candidates_for(
    std::span<const std::shared_ptr<const Profile>> profiles, bool has_log,
    std::span<const std::string> urls);

/// The topic filters of all profiles, each once.
std::vector<std::string> topics_of(std::span<const std::shared_ptr<const Profile>> profiles);

}  // namespace mre
