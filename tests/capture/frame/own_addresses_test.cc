// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/frame/own_addresses.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

TEST(OwnAddresses, AreThoseOfThisMachine) {
  OwnAddresses own;
  EXPECT_TRUE(own.known());
  const struct {
    const char* why;
    const char* address;
    bool contained;
  } cases[] = {
      {"its loopback", "127.0.0.1", true},
      {"all of its network, as Debian's host name", "127.0.1.1", true},
      {"a documentation's", "192.0.2.1", false},
      {"of IPv6", "2001:db8::1", false},
      {"any", "0.0.0.0", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(own.contains(parse_ip_address(c.address).value()), c.contained) << c.why;
  }
}

TEST(OwnAddresses, LoopbackHasNoAddressOfEthernet) {
  EXPECT_FALSE(mac_address_of("lo"));
  EXPECT_FALSE(mac_address_of("no-such-interface"));
}

}  // namespace
}  // namespace mre
