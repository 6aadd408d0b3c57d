// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace mre {

/// An IPv6 address; an IPv4 one as ::ffff:a.b.c.d.
using IpAddress = std::array<std::uint8_t, 16>;

/// "192.0.2.1" or "2001:db8::1", without brackets.
std::optional<IpAddress> parse_ip_address(const std::string& text);
std::string to_string(const IpAddress& address);
bool is_ipv4(const IpAddress& address);
IpAddress ipv4_address(const void* bytes);      ///< From four bytes in network order.
bool is_unspecified(const IpAddress& address);  ///< 0.0.0.0 or ::, which mean any address.

}  // namespace mre
