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

/// The addresses of this machine, so that a live capture knows what is its own: those of its interfaces, and
/// all of 127.0.0.0/8. They may come and go: an address that is not known is looked for again, once a second
/// at most.
class OwnAddresses {
 public:
  OwnAddresses() { refresh(); }

  /// False if the system does not list them.
  bool known() const { return !addresses_.empty(); }

  bool contains(const IpAddress& address);

 private:
  using Clock = std::chrono::steady_clock;
  bool is_known(const IpAddress& address) const;
  void refresh();

  std::vector<IpAddress> addresses_;  // sorted
  Clock::time_point refreshed_{};
};

/// The hardware address of an Ethernet interface of this machine. Nothing, if it has none.
std::optional<MacAddress> mac_address_of(const std::string& interface);

}  // namespace mre
