// SPDX-License-Identifier: Apache-2.0
#include "exporter/event/subject.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

TEST(Subject, AnAddressIsAPeerWithoutItsPort) {
  EXPECT_EQ(address_of("192.0.2.7:49152"), "192.0.2.7");
  EXPECT_EQ(address_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_of("[2001:db8::1]:49152"), "2001:db8::1");
  EXPECT_EQ(address_of("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(address_of("host.example:1883"), "host.example");
  EXPECT_EQ(address_of(""), "");
  EXPECT_EQ(address_of("["), "");
}

}  // namespace
}  // namespace mre
