// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_options.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "exporter/base/join.h"
#include "exporter/base/text.h"
#include "exporter/capture/frame/ip_address.h"

namespace mre {
namespace {

tl::unexpected<Error> refuse(std::string what) { return fail(Errc::invalid_config, std::move(what)); }

}  // namespace

std::string describe(const CaptureOptions& options) {
  const auto number = [](std::uint16_t port) { return std::to_string(port); };
  std::string text = "on " + options.interface + ", port " + join(options.ports, ", ", number);
  if (is_any(options.addresses)) return text + " of any address";
  if (!options.addresses.empty()) text += " of " + join(options.addresses, ", ");
  return text;
}

bool is_any(const std::vector<std::string>& addresses) {
  return std::ranges::any_of(addresses, [](const std::string& text) {
    const auto address = parse_ip_address(text);
    return address && is_unspecified(*address);
  });
}

bool is_ip_address(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

std::size_t buffer_share(std::size_t captures) {
  std::size_t share = 8U << 20U;
  while (captures * share > 128U << 20U && share > CaptureOptions::kMinBufferBytes) share /= 2;
  return share;
}

Result<void> validate(const CaptureOptions& options) {
  if (options.interface.empty()) return refuse("\"interface\" is empty: set a name such as eth0, or any");
  if (options.ports.empty())
    return refuse("\"ports\" is empty: list the ports that clients connect to without TLS, such as 1883");
  if (options.ports.size() > CaptureOptions::kMaxPorts)
    return refuse("\"ports\" has more than " + std::to_string(CaptureOptions::kMaxPorts) + " entries");
  for (const std::uint16_t port : options.ports)
    if (port == 0) return refuse("\"ports\" must be from 1 to 65535");
  if (options.addresses.size() > CaptureOptions::kMaxAddresses)
    return refuse("\"addresses\" has more than " + std::to_string(CaptureOptions::kMaxAddresses) +
                  " entries");
  for (const std::string& address : options.addresses)
    if (!is_ip_address(address))
      return refuse("\"addresses\": \"" + printable(address) + "\" is not an IPv4 or IPv6 address");
  if (options.max_connections == 0 || options.max_connections > CaptureOptions::kMaxConnections)
    return refuse("\"max_connections\" must be from 1 to " + std::to_string(CaptureOptions::kMaxConnections));
  if (options.idle_timeout <= std::chrono::seconds(0)) return refuse("\"idle_timeout\" must be at least 1s");
  if (options.buffer_bytes != 0 && (options.buffer_bytes < CaptureOptions::kMinBufferBytes ||
                                    options.buffer_bytes > CaptureOptions::kMaxBufferBytes))
    return refuse("\"buffer_bytes\" must be 0 or from " + std::to_string(CaptureOptions::kMinBufferBytes) +
                  " to " + std::to_string(CaptureOptions::kMaxBufferBytes));
  return {};
}

}  // namespace mre
