// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace mre {

/// The section `clients` of the configuration: what is remembered about the clients behind events.
struct ClientOptions {
  /// `automatic`: on where only this machine, or only people with a password or certificate, can read it.
  enum class Remember : std::uint8_t { automatic, on, off };
  enum class Identity : std::uint8_t {
    full,     ///< Client id, user name, address, topic and reason string as they are.
    hash,     ///< A keyed hash of the client id, or else of the address; nothing else.
    address,  ///< The address without its port; nothing else.
  };

  Remember remember = Remember::automatic;
  Identity identity = Identity::full;
  bool exemplars = false;  ///< Whether OpenMetrics shows the last client of each error series.

  bool operator==(const ClientOptions&) const = default;
};

/// The section `events` of the configuration: events as JSON lines.
struct EventLogOptions {
  std::string file;                     ///< Empty: none; "-": standard output.
  std::uint32_t max_per_second = 1000;  ///< Events above it are dropped and counted.

  bool operator==(const EventLogOptions&) const = default;
};

}  // namespace mre
