// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/base/error.h"

namespace mre {

/// The address of a broker: mqtt://HOST[:1883] or mqtts://HOST[:8883].
struct BrokerUrl {
  bool tls = false;
  std::string host;  ///< A name or an address; an IPv6 address without its brackets.
  std::uint16_t port = 0;

  /// "mqtts://broker.example:8883", for display. Holds no secret.
  std::string text() const;
};

/// Parses a URL. Refuses credentials in it, because URLs end up in logs and process lists; errors do not
/// repeat them.
Result<BrokerUrl> parse_broker_url(std::string_view url);

}  // namespace mre
