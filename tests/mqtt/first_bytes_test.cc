// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/first_bytes.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/mqtt/wire_text.h"

namespace mre::mqtt {
namespace {

using test::bytes_of;

struct StartCase {
  std::string_view why;
  std::string bytes;
  Answer answer;
};

template <class Ask>
void expect(Ask ask, const std::vector<StartCase>& cases) {
  for (const StartCase& c : cases) {
    EXPECT_EQ(ask(c.bytes), c.answer) << c.why;
    // What is decided stays so with more bytes, and was open or the same with fewer.
    if (c.answer != Answer::more) {
      EXPECT_EQ(ask(c.bytes + "more"), c.answer) << c.why;
    }
    for (std::size_t i = 0; i < c.bytes.size(); ++i) {
      const Answer fewer = ask(std::string_view(c.bytes).substr(0, i));
      EXPECT_TRUE(fewer == Answer::more || fewer == c.answer) << c.why << ", the first " << i;
    }
  }
}

TEST(FirstBytes, OfConnect) {
  expect(begins_connect, {
                             {"nothing yet", "", Answer::more},
                             {"5.0 section 3.1.2", bytes_of("10 10 0004 4d515454"), Answer::yes},
                             {"3.1", bytes_of("10 11 0006 4d5149736470"), Answer::yes},
                             {"a long one", bytes_of("10 80 80 01 0004 4d515454"), Answer::yes},
                             {"a name that brokers refuse", bytes_of("10 10 0004 58585858"), Answer::yes},
                             {"the name continues", bytes_of("10 10 0004 4d5154"), Answer::more},
                             {"the length continues", bytes_of("10 80"), Answer::more},
                             {"flags that brokers refuse", bytes_of("12 10 0004 4d515454"), Answer::yes},
                             {"another packet", bytes_of("30 10 0004 4d515454"), Answer::no},
                             {"five bytes of length", bytes_of("10 80 80 80 80 01"), Answer::no},
                             {"no room for the level", bytes_of("10 06 0004 4d515454"), Answer::no},
                             {"no name", bytes_of("10 06 0000"), Answer::no},
                             {"a name as long as none", bytes_of("10 ff 03 0041"), Answer::no},
                             {"an unknown name", bytes_of("10 10 0004 4d5100"), Answer::no},
                         });
}

TEST(FirstBytes, OfWebSocket) {
  expect(begins_websocket, {
                               {"nothing yet", "", Answer::more},
                               {"RFC 6455 section 1.2", "GET /chat HTTP/1.1\r\n", Answer::yes},
                               {"the method continues", "GE", Answer::more},
                               {"another method", "POST / HTTP/1.1\r\n", Answer::no},
                               {"another word", "GETTER", Answer::no},
                           });
}

TEST(FirstBytes, OfTls) {
  expect(begins_tls,
         {
             {"nothing yet", "", Answer::more},
             {"RFC 8446: version 3.1, for compatibility", bytes_of("16 0301 00f8 01"), Answer::yes},
             {"3.3", bytes_of("16 0303 0200 01 0001fc"), Answer::yes},
             {"the record continues", bytes_of("16 0301 00f8"), Answer::more},
             {"an alert", bytes_of("15 0301 0002"), Answer::no},
             {"a ServerHello", bytes_of("16 0303 0040 02"), Answer::no},
             {"more than a record holds", bytes_of("16 0303 7f00 01"), Answer::no},
             {"SSL 2.0", bytes_of("80 2e 01 0002"), Answer::no},
             {"CONNECT", bytes_of("10 10 0004"), Answer::no},
         });
}

TEST(FirstBytes, OfATlsAlert) {
  const struct {
    std::string_view why;
    std::string_view hex;
    bool holds;
  } cases[] = {
      {"RFC 8446: handshake_failure", "15 0303 0002 02 28", true},
      {"of TLS 1.0", "15 0301 0002 02 46", true},
      {"after another record", "16 0303 0004 0e000000 15 0303 0002 02 30", true},
      {"before another one", "15 0303 0002 02 28 16 0303 0004 0e000000", true},
      {"a warning: close_notify", "15 0303 0002 01 00", false},
      {"encrypted, TLS 1.2", "15 0303 001a 0000000000000001 0011223344556677 8899aabbccddeeff 0011", false},
      {"encrypted, TLS 1.3: it looks like data", "17 0303 0013 00112233445566778899aabbccddeeff001122",
       false},
      {"cut", "15 0303 0002 02", false},
      {"inside a record that is cut", "16 0303 0100 15 0303 0002 02 28", false},
      {"no TLS", "15 0203 0002 02 28", false},
      {"nothing", "", false},
  };
  for (const auto& c : cases) EXPECT_EQ(holds_tls_alert(bytes_of(c.hex)), c.holds) << c.why;
}

}  // namespace
}  // namespace mre::mqtt
