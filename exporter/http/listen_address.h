// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/base/error.h"

namespace mre {

/// The address of a listener, as configured.
struct ListenAddress {
  std::string host;    ///< Name or numeric address without brackets; empty: all addresses of this machine.
  std::uint16_t port;  ///< 0: any free port.
};

/// Parses "host:port", "[ipv6]:port" or ":port". Resolves nothing.
/// Errors: invalid_config, with the text and the accepted forms.
Result<ListenAddress> parse_listen_address(std::string_view text);

/// The address as text, with brackets around an IPv6 host: the inverse of parse_listen_address.
std::string to_string(const ListenAddress& address);

/// Whether only this machine can connect to the numeric address.
bool is_loopback(const ListenAddress& address);

}  // namespace mre
