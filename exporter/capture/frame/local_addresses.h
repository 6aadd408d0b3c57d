// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/capture/frame/ip_address.h"

namespace mre {

using MacAddress = std::array<std::uint8_t, 6>;

/// The addresses of this machine: those of its interfaces, and all of 127.0.0.0/8. Because addresses may
/// change, an unknown address triggers a refresh, at most once a second.
class LocalAddresses {
 public:
  LocalAddresses() { refresh(); }

  /// False if the system does not list its addresses.
  bool known() const { return !addresses_.empty(); }

  bool contains(const IpAddress& address);

 private:
  using Clock = std::chrono::steady_clock;
  bool is_known(const IpAddress& address) const;
  void refresh();

  std::vector<IpAddress> addresses_;  // sorted
  Clock::time_point refreshed_{};
};

/// The MAC address of an Ethernet interface of this machine; nothing if it has none.
std::optional<MacAddress> mac_address_of(const std::string& interface);

}  // namespace mre
