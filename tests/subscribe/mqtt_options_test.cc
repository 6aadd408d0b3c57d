// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/mqtt_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <functional>

#include "exporter/subscribe/broker_url.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

TEST(BrokerUrl, IsParsed) {
  struct {
    const char* url;
    const char* expected;
    bool tls;
    const char* host;
  } const cases[] = {
      {"mqtt://broker", "mqtt://broker:1883", false, "broker"},
      {"mqtts://broker", "mqtts://broker:8883", true, "broker"},
      {"mqtt://broker:1884", "mqtt://broker:1884", false, "broker"},
      {"mqtt://broker:65535/", "mqtt://broker:65535", false, "broker"},
      {"mqtt://127.0.0.1:1", "mqtt://127.0.0.1:1", false, "127.0.0.1"},
      {"mqtts://[::1]", "mqtts://[::1]:8883", true, "::1"},
      {"mqtts://[fe80::1%eth0]:8884", "mqtts://[fe80::1%eth0]:8884", true, "fe80::1%eth0"},
      {"mqtt://my_broker-1.example", "mqtt://my_broker-1.example:1883", false, "my_broker-1.example"},
  };
  for (const auto& c : cases) {
    const auto url = parse_broker_url(c.url);
    ASSERT_TRUE(url) << c.url << ": " << url.error().what;
    EXPECT_EQ(url->text(), c.expected);
    EXPECT_EQ(url->tls, c.tls);
    EXPECT_EQ(url->host, c.host);
  }
}

TEST(BrokerUrl, RejectsInvalidUrls) {
  struct {
    const char* url;
    const char* error;
  } const cases[] = {
      {"", "scheme"},
      {"broker:1883", "scheme"},
      {"tcp://broker", "scheme"},
      {"ws://broker", "scheme"},
      {"MQTT//broker", "scheme"},
      {"mqtt://", "host"},
      {"mqtt:///", "host"},
      {"mqtt://:1883", "host"},
      {"mqtt://bro ker", "host"},
      {"mqtt://bro\nker", "host"},
      {"mqtt://[::1", "bracket"},
      {"mqtt://[::1]x", "port"},
      {"mqtt://::1", "host"},
      {"mqtt://broker:", "port"},
      {"mqtt://broker:0", "port"},
      {"mqtt://broker:65536", "port"},
      {"mqtt://broker:-1", "port"},
      {"mqtt://broker:18 83", "port"},
      {"mqtt://broker/topic", "path"},
      {"mqtt://broker?x=1", "path"},
      {"mqtt://broker#", "path"},
  };
  for (const auto& c : cases) {
    const auto url = parse_broker_url(c.url);
    ASSERT_FALSE(url) << c.url;
    EXPECT_EQ(url.error().code, Errc::invalid_config);
    EXPECT_NE(url.error().what.find(c.error), std::string::npos) << c.url << ": " << url.error().what;
    EXPECT_EQ(url.error().what.find('\n'), std::string::npos);
  }
}

TEST(BrokerUrl, RejectsCredentialsWithoutRepeatingThem) {
  for (const char* text : {"mqtt://user:s3cret@broker", "mqtts://s3cret@broker:8883", "s3cret@",
                           "mqtt://b/s3cret@x", "mqtt://joe:s3cret", "mqtt://joe%3As3cret%40broker:1883"}) {
    const auto url = parse_broker_url(text);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().what.find("s3cret"), std::string::npos);
    EXPECT_NE(url.error().what.find("password_file"), std::string::npos);
  }
  for (const char* text :
       {"mqtt://broker:1883?password=s3cret", "mqtts://broker/s3cret", "mqtt://broker#s3cret"}) {
    const auto url = parse_broker_url(text);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().what.find("s3cret"), std::string::npos) << url.error().what;
    EXPECT_NE(url.error().what.find("://broker"), std::string::npos) << "what comes before";
  }
}

MqttOptions good_options() {
  MqttOptions options;
  options.url = "mqtt://broker";
  options.topics = {"events/#"};
  return options;
}

TEST(MqttOptions, AcceptsValidOptions) {
  struct {
    std::function<void(MqttOptions&)> change;
    const char* why;
  } const cases[] = {
      {[](auto&) {}, "the defaults, a URL and a topic"},
      {[](auto& o) { o.protocol = mqtt::Protocol::v3_1_1; }, "3.1.1"},
      {[](auto& o) {
         o.topics = {"$SYS/brokers/+/clients/+/disconnected", "a/b", "+", "/", "+/+/#", "$SYS/#"};
       },
       "filters"},
      {[](auto& o) { o.topics = {"$share/exporters/events/+"}; }, "a shared subscription"},
      {[](auto& o) { o.password_file = "/nowhere"; },
       "MQTT 5.0: a password without a user; the file is read later"},
      {[](auto& o) {
         o.url = "mqtts://b";
         o.ca_file = "x";
         o.cert_file = "y";
         o.key_file = "z";
       },
       "TLS"},
      {[](auto& o) {
         o.url = "mqtts://b";
         o.verify_host_name = false;
       },
       "TLS without the host name"},
  };
  for (const auto& c : cases) {
    MqttOptions options = good_options();
    c.change(options);
    const auto result = validate(options);
    EXPECT_TRUE(result) << c.why << ": " << result.error().what;
  }
}

TEST(MqttOptions, RejectsInvalidOptions) {
  struct {
    std::function<void(MqttOptions&)> change;
    const char* error;
  } const cases[] = {
      {[](auto& o) { o.url = ""; }, "url:"},
      {[](auto& o) { o.url = "mqtt://u:p@b"; }, "url:"},
      {[](auto& o) { o.protocol = mqtt::Protocol::v3_1; }, "protocol:"},
      {[](auto& o) { o.protocol = mqtt::Protocol::unknown; }, "protocol:"},
      {[](auto& o) { o.client_id = "a\nb"; }, "client_id:"},
      {[](auto& o) { o.client_id = std::string(65'536, 'x'); }, "client_id:"},
      {[](auto& o) { o.username = "\xff"; }, "username:"},
      {[](auto& o) {
         o.password_file = "a";
         o.password_env = "b";
       },
       "remove one"},
      {[](auto& o) {
         o.protocol = mqtt::Protocol::v3_1_1;
         o.password_env = "b";
       },
       "username:"},
      {[](auto& o) { o.ca_file = "x"; }, "mqtts://"},
      {[](auto& o) { o.verify_host_name = false; }, "mqtts://"},
      {[](auto& o) {
         o.url = "mqtts://b";
         o.cert_file = "x";
       },
       "key_file"},
      {[](auto& o) {
         o.url = "mqtts://b";
         o.key_file = "x";
       },
       "cert_file"},
      {[](auto& o) { o.topics = {}; }, "topics is empty"},
      {[](auto& o) { o.topics = {"#"}; }, "every message"},
      {[](auto& o) { o.topics = {"a", "+/#"}; }, "every message"},
      {[](auto& o) { o.topics = {"$share/group/#"}; }, "every message"},
      {[](auto& o) { o.topics = {""}; }, "empty"},
      {[](auto& o) { o.topics = {"a/#/b"}; }, "last level"},
      {[](auto& o) { o.topics = {"a#"}; }, "only character"},
      {[](auto& o) { o.topics = {"a/b+/c"}; }, "only character"},
      {[](auto& o) { o.topics = {std::string("a\0b", 3)}; }, "control"},
      {[](auto& o) { o.topics = {"\xc3("}; }, "UTF-8"},
      {[](auto& o) { o.topics = {"$share/events"}; }, "shared"},
      {[](auto& o) { o.topics = {"$share//events"}; }, "shared"},
      {[](auto& o) { o.topics = {"$share/g/"}; }, "empty"},
      {[](auto& o) { o.qos = 3; }, "qos must"},
      {[](auto& o) { o.qos = -1; }, "qos must"},
      {[](auto& o) {
         o.protocol = mqtt::Protocol::v3_1_1;
         o.qos = 2;
       },
       "kept session"},
      {[](auto& o) { o.session_expiry = std::chrono::seconds(-1); }, "session_expiry must"},
      {[](auto& o) { o.session_expiry = std::chrono::seconds(2'147'483'648); }, "session_expiry must"},
      {[](auto& o) { o.silent_after = std::chrono::seconds(-1); }, "silent_after must"},
      {[](auto& o) { o.keep_alive = std::chrono::seconds(0); }, "keep_alive must"},
      {[](auto& o) { o.keep_alive = std::chrono::seconds(65'536); }, "keep_alive must"},
      {[](auto& o) { o.connect_timeout = std::chrono::seconds(0); }, "connect_timeout must"},
      {[](auto& o) { o.backoff_min = std::chrono::seconds(0); }, "backoff_min"},
      {[](auto& o) { o.backoff_max = std::chrono::milliseconds(1); }, "backoff_max"},
      {[](auto& o) { o.max_packet_bytes = 1; }, "max_packet_bytes must"},
      {[](auto& o) { o.max_packet_bytes = 268'435'461; }, "max_packet_bytes must"},
      {[](auto& o) { o.queue_records = 0; }, "queue_records must"},
      {[](auto& o) { o.queue_bytes = 100; }, "queue_bytes must"},
  };
  for (const auto& c : cases) {
    MqttOptions options = good_options();
    c.change(options);
    const auto result = validate(options);
    ASSERT_FALSE(result) << c.error;
    EXPECT_EQ(result.error().code, Errc::invalid_config);
    EXPECT_NE(result.error().what.find(c.error), std::string::npos) << result.error().what;
  }
}

TEST(Password, WarnsBeforeSendingItUnencrypted) {
  const struct {
    const char* why;
    const char* url;
    const char* file;
    bool warns;
  } cases[] = {
      {"another machine", "mqtt://broker.example", "p", true},
      {"another machine by its address", "mqtt://192.0.2.7:1884", "p", true},
      {"with TLS", "mqtts://broker.example", "p", false},
      {"without a password", "mqtt://broker.example", "", false},
      {"this machine", "mqtt://LOCALHOST", "p", false},
      {"this machine by its address", "mqtt://127.0.1.1", "p", false},
      {"this machine in IPv6", "mqtt://[::1]", "p", false},
      {"this machine by IPv4 in IPv6", "mqtt://[::ffff:127.0.0.1]", "p", false},
      {"a name of this machine", "mqtt://broker.localhost", "p", false},
      {"a name that only starts with localhost", "mqtt://localhost.example", "p", true},
      {"a name that starts like its address", "mqtt://127.0.0.1.example", "p", true},
      {"all addresses of a machine", "mqtt://0.0.0.0", "p", true},
  };
  for (const auto& c : cases) {
    MqttOptions options;
    options.url = c.url;
    options.password_file = c.file;
    EXPECT_EQ(plain_password_warning(options).find("without TLS") != std::string::npos, c.warns)
        << c.why << ": " << c.url;
  }
  MqttOptions options;
  options.url = "mqtt://broker.example";
  options.password_env = "S3CRET";
  EXPECT_NE(plain_password_warning(options), "");
  EXPECT_EQ(plain_password_warning(options).find("S3CRET"), std::string::npos);
}

TEST(Password, IsReadFromAFile) {
  const test::TempDir dir;
  struct {
    const char* text;
    mode_t mode;
    const char* password;  // null: rejected
    const char* why;
  } const cases[] = {
      {"s3cret", 0600, "s3cret", "without a line end"},
      {"s3cret\n", 0440, "s3cret", "with a line end"},
      {"s3cret\r\n", 0600, "s3cret", "with the line end of Windows"},
      {" two words \n", 0600, " two words ", "spaces belong to the password"},
      {"s3cret\n\n", 0600, nullptr, "a second, empty line"},
      {"root:s3cret:1:\nbin:*:2:\n", 0600, nullptr, "a file of another format"},
      {"", 0600, nullptr, "empty"},
      {"\n", 0600, nullptr, "only a line end"},
      {"s3cret", 0604, nullptr, "readable by others"},
      {"s3cret", 0602, nullptr, "writable by others"},
      {"s3cret", 0620, nullptr, "writable by its group"},
      {"s3cret", 0660, nullptr, "readable and writable by its group"},
  };
  for (const auto& c : cases) {
    MqttOptions options = good_options();
    options.password_file = dir.write("password", c.text, c.mode);
    const auto password = read_password(options);
    ASSERT_EQ(password.has_value(), c.password != nullptr) << c.why;
    if (password) {
      EXPECT_EQ(*password, c.password) << c.why;
    } else {
      EXPECT_EQ(password.error().what.find("s3cret"), std::string::npos) << "no secret in a message";
    }
  }
}

TEST(Password, RejectsAMissingFileADirectoryAndAHugeFile) {
  const test::TempDir dir;
  for (const std::string& file :
       {dir.file("missing"), dir.path(), dir.write("huge", std::string(70'000, 'x'))}) {
    MqttOptions options = good_options();
    options.password_file = file;
    const auto password = read_password(options);
    ASSERT_FALSE(password);
    EXPECT_EQ(password.error().code, Errc::unavailable);
    EXPECT_NE(password.error().what.find(file), std::string::npos);
  }
}

TEST(Password, IsReadFromTheEnvironment) {
  MqttOptions options = good_options();
  EXPECT_EQ(read_password(options).value(), "") << "no password is configured";
  options.password_env = "MRE_TEST_PASSWORD";
  ::unsetenv("MRE_TEST_PASSWORD");
  EXPECT_THAT(read_password(options).error().what, testing::HasSubstr("MRE_TEST_PASSWORD is not set"));
  ::setenv("MRE_TEST_PASSWORD", "s3cret", 1);
  EXPECT_EQ(read_password(options).value(), "s3cret");
  ::unsetenv("MRE_TEST_PASSWORD");
  options.password_env = "S3cretInPlaceOfAName";
  EXPECT_THAT(read_password(options).error().what, testing::Not(testing::HasSubstr("S3cret")));
}

}  // namespace
}  // namespace mre
