// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/listen_address.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

TEST(ListenAddress, ParsesEveryForm) {
  const struct {
    const char* why;
    const char* text;
    const char* host;
    int port;
  } cases[] = {
      {"IPv4", "127.0.0.1:10883", "127.0.0.1", 10883},
      {"IPv6 in brackets", "[::1]:10883", "::1", 10883},
      {"IPv6 with a zone", "[fe80::1%eth0]:1", "fe80::1%eth0", 1},
      {"every address", ":10883", "", 10883},
      {"a name", "localhost:80", "localhost", 80},
      {"any port", "127.0.0.1:0", "127.0.0.1", 0},
      {"the highest port", ":65535", "", 65535},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto got = parse_listen_address(c.text);
    ASSERT_TRUE(got.has_value()) << got.error().what;
    EXPECT_EQ(got->host, c.host);
    EXPECT_EQ(got->port, c.port);
    EXPECT_EQ(to_string(*got), c.text);
  }
}

TEST(ListenAddress, RejectsInvalidAddresses) {
  const struct {
    const char* why;
    std::string text;
  } cases[] = {
      {"empty", ""},
      {"no port", "127.0.0.1"},
      {"empty port", "127.0.0.1:"},
      {"port is a name", "127.0.0.1:http"},
      {"port too high", "127.0.0.1:65536"},
      {"negative port", "127.0.0.1:-1"},
      {"text after the port", "127.0.0.1:80x"},
      {"IPv6 without brackets", "::1:10883"},
      {"bracket not closed", "[::1:10883"},
      {"empty brackets", "[]:10883"},
      {"a URL", "http://127.0.0.1:80"},
      {"a space", " 127.0.0.1:80"},
      {"a NUL", std::string("local\0host:80", 13)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto got = parse_listen_address(c.text);
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, Errc::invalid_config);
  }
}

}  // namespace
}  // namespace mre
