// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/base/error.h"

namespace mre {

/// Where a broker listens: mqtt://HOST[:1883] or mqtts://HOST[:8883].
struct MqttUrl {
  bool tls = false;
  std::string host;  ///< A name or an address; an IPv6 address without its brackets.
  std::uint16_t port = 0;

  /// "mqtts://broker.example:8883", for people. Holds no secret.
  std::string text() const;
};

/// Reads a URL. Credentials in it are refused, because URLs end up in logs and process lists; no error
/// repeats them.
Result<MqttUrl> parse_mqtt_url(std::string_view url);

}  // namespace mre
