// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace mre::mqtt {

/// What a client calls itself in its CONNECT: views into the packet. Any bytes.
struct ConnectNames {
  std::string_view client;  ///< Client identifier; empty if the broker has to choose one.
  std::string_view user;    ///< User name; empty if there is none.
};

/// Reads them from `bytes`, which begin with a CONNECT of MQTT 3.1, 3.1.1 or 5.0. nullopt if they do not, or if the
/// packet does not end within them. The password is not looked at.
///
/// Source: OASIS MQTT 5.0 section 3.1; OASIS MQTT 3.1.1 section 3.1.
std::optional<ConnectNames> connect_names(std::string_view bytes);

}  // namespace mre::mqtt
