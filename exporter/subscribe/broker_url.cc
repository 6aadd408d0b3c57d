// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/broker_url.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::uint16_t kPlainPort = 1883;
constexpr std::uint16_t kTlsPort = 8883;

tl::unexpected<Error> bad_url(std::string_view url, std::string_view why) {
  return fail(Errc::invalid_config, "\"" + printable(url) + "\" is not a broker URL: " + std::string(why) +
                                        "; use mqtt://HOST:1883 or mqtts://HOST:8883");
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_host(std::string_view host, bool bracketed) {
  if (host.empty()) return false;
  return std::all_of(host.begin(), host.end(), [bracketed](char c) {
    return is_digit(c) || is_letter(c) || c == '.' ||
           (bracketed ? c == ':' || c == '%' : c == '-' || c == '_');
  });
}

}  // namespace

std::string BrokerUrl::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return std::string(tls ? "mqtts://" : "mqtt://") + (v6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

Result<BrokerUrl> parse_broker_url(std::string_view url) {
  // "%40" is '@', "%3A" is ':': as browsers write them.
  if (url.find('@') != std::string_view::npos || url.find('%') < url.find('[')) {
    return fail(
        Errc::invalid_config,
        "the broker URL contains a user name or password: remove it, and use username and password_file");
  }
  BrokerUrl result;
  if (url.starts_with("mqtts://")) {
    result.tls = true;
  } else if (!url.starts_with("mqtt://")) {
    return bad_url(url, "its scheme is neither mqtt:// nor mqtts://");
  }
  std::string_view rest = url.substr(url.find("//") + 2);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (const std::size_t more = rest.find_first_of("/?#"); more != std::string_view::npos) {
    // Not the whole text: a query may have a password.
    return bad_url(std::string(url.substr(0, url.find("//") + 2 + more)) + "...", "it has a path or a query");
  }

  const bool bracketed = rest.starts_with('[');
  const std::size_t host_end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && host_end == std::string_view::npos) return bad_url(url, "the bracket is not closed");
  const std::string_view host = bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
  if (!is_host(host, bracketed)) return bad_url(url, "it has no valid host");
  result.host = host;

  rest =
      host_end == std::string_view::npos ? std::string_view() : rest.substr(host_end + (bracketed ? 1 : 0));
  result.port = result.tls ? kTlsPort : kPlainPort;
  if (rest.empty()) return result;
  const auto port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
  if (!port) {
    return fail(Errc::invalid_config,
                "the broker URL has no port from 1 to 65535 after its host: use mqtt://HOST:1883 or "
                "mqtts://HOST:8883. The invalid text is not shown, because it may be a password: use "
                "password_file");
  }
  result.port = *port;
  return result;
}

}  // namespace mre
