// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/frame/local_addresses.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

TEST(LocalAddresses, ContainTheAddressesOfThisMachine) {
  LocalAddresses local;
  EXPECT_TRUE(local.known());
  const struct {
    const char* why;
    const char* address;
    bool contained;
  } cases[] = {
      {"loopback", "127.0.0.1", true},
      {"all of 127.0.0.0/8, as Debian's host name", "127.0.1.1", true},
      {"an address for documentation", "192.0.2.1", false},
      {"an IPv6 address for documentation", "2001:db8::1", false},
      {"the unspecified address", "0.0.0.0", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(local.contains(parse_ip_address(c.address).value()), c.contained) << c.why;
  }
}

TEST(LocalAddresses, LoopbackHasNoMacAddress) {
  EXPECT_FALSE(mac_address_of("lo"));
  EXPECT_FALSE(mac_address_of("no-such-interface"));
}

}  // namespace
}  // namespace mre
