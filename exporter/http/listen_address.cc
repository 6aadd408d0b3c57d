// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/listen_address.h"

#include <charconv>

#include "exporter/base/text.h"

namespace mre {
namespace {

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size();
}

bool is_host(std::string_view host) {
  for (const char c : host) {
    const bool known =
        is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
    if (!known) return false;
  }
  return true;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refuse = [text](std::string_view why) {
    return fail(Errc::invalid_config, "listen address \"" + printable(text) + "\": " + std::string(why) +
                                          "; use host:port, [ipv6]:port or :port");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("missing port");
  std::string_view host = text.substr(0, colon);
  ListenAddress address{};
  if (!parse_port(text.substr(colon + 1), address.port))
    return refuse("the port is not a number from 0 to 65535");
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 4) return refuse("invalid IPv6 address in brackets");
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return refuse("an IPv6 address needs brackets");
  }
  if (!is_host(host)) return refuse("invalid character in the host");
  address.host = host;
  return address;
}

std::string to_string(const ListenAddress& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

bool is_loopback(const ListenAddress& address) {
  const std::string& host = address.host;
  return host.starts_with("127.") || host == "::1" || host.starts_with("::ffff:127.");
}

}  // namespace mre
