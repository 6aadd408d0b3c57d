// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/connect_names.h"

#include <gtest/gtest.h>

#include <string>

namespace mre::mqtt {
namespace {

using namespace std::string_literals;

std::string field(std::string_view text) {
  return std::string{static_cast<char>(text.size() >> 8U), static_cast<char>(text.size() & 0xFFU)} +
         std::string(text);
}

std::string connect(std::string_view name, char level, int flags, const std::string& payload,
                    const std::string& properties = "") {
  const std::string body = field(name) + level + static_cast<char>(flags) + "\0\x3C"s + properties + payload;
  return "\x10"s + static_cast<char>(body.size()) + body;
}

TEST(ConnectNames, ReadsClientAndUserOfEachVersion) {
  const std::string packet3 = connect("MQTT", 4, 0xC2, field("sensor-7") + field("alice") + field("secret"));
  const auto v3 = connect_names(packet3);
  ASSERT_TRUE(v3);
  EXPECT_EQ(v3->client, "sensor-7");
  EXPECT_EQ(v3->user, "alice");

  const std::string packet31 = connect("MQIsdp", 3, 0x02, field("old"));
  const auto v31 = connect_names(packet31);
  ASSERT_TRUE(v31);
  EXPECT_EQ(v31->client, "old");
  EXPECT_EQ(v31->user, "");

  const std::string session_expiry = "\x05\x11\x00\x00\x00\x3C"s;
  const std::string will = "\0"s + field("will/topic") + field("gone");
  const std::string packet5 =
      connect("MQTT", 5, 0x86, field("pump") + will + field("bob"), session_expiry) + "more";
  const auto v5 = connect_names(packet5);
  ASSERT_TRUE(v5);
  EXPECT_EQ(v5->client, "pump");
  EXPECT_EQ(v5->user, "bob");
}

TEST(ConnectNames, RefusesWhatIsNotAWholeConnect) {
  const std::string whole = connect("MQTT", 5, 0x80, field("pump") + field("bob"), "\0"s);
  ASSERT_TRUE(connect_names(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(connect_names(whole.substr(0, size))) << size;
  EXPECT_FALSE(connect_names("\x30" + whole.substr(1)));
  EXPECT_FALSE(connect_names(connect("MQTT", 4, 0x80, field("pump")))) << "the flags promise a user name";
  EXPECT_FALSE(connect_names(connect("MQTT", 5, 0, field("pump"), "\x7F")))
      << "properties longer than the packet";
}

}  // namespace
}  // namespace mre::mqtt
