// SPDX-License-Identifier: Apache-2.0
// The MQTT source and brokers that start, stop, hang, refuse or never answer.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "exporter/base/fd.h"
#include "tests/subscribe/mqtt_source_support.h"
#include "tests/support/mosquitto.h"
#include "tests/support/tcp.h"
#include "tests/support/tcp_relay.h"

namespace mre {
namespace {

using std::chrono::seconds;
using namespace test;

TEST(Reconnect, ConnectsOnceTheBrokerStarts) {
  Mosquitto broker;
  const auto source = make(options_for(broker.url()));
  EXPECT_TRUE(reports(*source, "cannot connect to " + broker.url()));
  EXPECT_TRUE(eventually([&] { return source->status().failures >= 3; }));
  EXPECT_FALSE(source->status().up);
  const auto nothing = source->next(std::chrono::steady_clock::now());
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(*nothing);
  broker.start();
  ASSERT_TRUE(is_up(*source));
  EXPECT_TRUE(broker.publish("events/a", "one"));
  EXPECT_EQ(receive(*source), "events/a one");
}

TEST(Reconnect, ResubscribesAfterARestartOfTheBroker) {
  Mosquitto broker;
  broker.start();
  const auto source = make(options_for(broker.url()));
  ASSERT_TRUE(is_up(*source));
  for (std::uint64_t restart = 1; restart <= 3; ++restart) {
    broker.stop();
    EXPECT_TRUE(eventually([&] { return !source->status().up; }));
    broker.start();
    ASSERT_TRUE(is_up(*source));
    EXPECT_EQ(source->status().resubscribes, restart + 1);
    EXPECT_TRUE(broker.publish("events/a", std::to_string(restart)));
    EXPECT_EQ(receive(*source), "events/a " + std::to_string(restart));
  }
}

/// The other end of the connection is silent but not closed: the broker hangs, or a firewall has dropped the
/// state. The times are recorded, because a slow machine may exceed any limit.
class HalfOpen : public testing::TestWithParam<mqtt::Protocol> {
 protected:
  void detects(const std::string& url, const std::function<void()>& hang,
               const std::function<void()>& resume) {
    MqttOptions options = options_for(url);
    options.protocol = GetParam();
    options.keep_alive = seconds(2);
    const auto source = make(options);
    ASSERT_TRUE(is_up(*source));
    const auto start = std::chrono::steady_clock::now();
    hang();
    ASSERT_TRUE(eventually([&] { return !source->status().up; }));
    const auto detected = std::chrono::steady_clock::now();
    resume();
    ASSERT_TRUE(is_up(*source));
    using Seconds = std::chrono::duration<double>;
    RecordProperty("detected_after_s", std::to_string(Seconds(detected - start).count()));
    RecordProperty("recovered_after_s",
                   std::to_string(Seconds(std::chrono::steady_clock::now() - detected).count()));
  }
};
INSTANTIATE_TEST_SUITE_P(Mqtt, HalfOpen, testing::Values(mqtt::Protocol::v5, mqtt::Protocol::v3_1_1),
                         [](const auto& test) { return test.param == mqtt::Protocol::v5 ? "v5" : "v3_1_1"; });

TEST_P(HalfOpen, DetectsABrokerThatHangs) {
  Mosquitto broker;
  broker.start();
  detects(broker.url(), [&] { broker.send_signal(SIGSTOP); }, [&] { broker.send_signal(SIGCONT); });
}

TEST_P(HalfOpen, DetectsANetworkThatDropsEverything) {
  Mosquitto broker;
  broker.start();
  TcpRelay relay(broker.port());
  detects(
      "mqtt://127.0.0.1:" + std::to_string(relay.port()), [&] { relay.freeze(true); },
      [&] { relay.freeze(false); });
}

constexpr std::string_view kRules =
    R"({"defaultACLAccess":{"publishClientSend":true,"publishClientReceive":true,
  "subscribe":false,"unsubscribe":true},"clients":[],"groups":[{"groupname":"guests","roles":[{"rolename":"guest"}]}],
  "anonymousGroup":"guests","roles":[{"rolename":"guest","acls":[{"acltype":"subscribePattern","topic":"events/#",
  "allow":true}]}]})";

/// A broker that allows some filters only. Mosquitto refuses a SUBSCRIBE only with a plugin.
class Rules : public testing::Test {
 protected:
  Rules()
      : broker_("allow_anonymous true\nplugin " + plugin() + "\nplugin_opt_config_file @DIR@/rules.json\n") {
    broker_.dir().write("rules.json", std::string(kRules));
  }
  static std::string plugin() {
    for (const char* path : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"}) {
      const std::string file = std::string(path) + "/mosquitto_dynamic_security.so";
      if (::access(file.c_str(), R_OK) == 0) return file;
    }
    return "mosquitto_dynamic_security.so";
  }
  Mosquitto broker_;
};

TEST_F(Rules, ReportsARefusedFilterWithItsCode) {
  broker_.start();
  struct {
    mqtt::Protocol protocol;
    const char* expected;
  } const cases[] = {{mqtt::Protocol::v5, "refused the subscription to forbidden/+: Not authorized (0x87)"},
                     {mqtt::Protocol::v3_1_1, "refused the subscription to forbidden/+: Failure (0x80)"}};
  for (const auto& c : cases) {
    MqttOptions options = options_for(broker_.url());
    options.protocol = c.protocol;
    options.topics = {"forbidden/+"};
    const auto source = make(options);
    EXPECT_TRUE(reports(*source, c.expected));
    EXPECT_FALSE(source->status().up);
    EXPECT_EQ(source->status().resubscribes, 0U);
  }
}

TEST_F(Rules, ReadsGrantedFiltersWhileOthersAreRefused) {
  broker_.start();
  for (const auto protocol : {mqtt::Protocol::v5, mqtt::Protocol::v3_1_1}) {
    MqttOptions options = options_for(broker_.url());
    options.protocol = protocol;
    options.topics = {"events/#", "forbidden/+"};
    const auto source = make(options);
    EXPECT_TRUE(reports(*source, "refused the subscription to forbidden/+: "));
    EXPECT_EQ(source->status().state.find("events/#"), std::string::npos);
    EXPECT_TRUE(broker_.publish("events/a", "one"));
    EXPECT_EQ(receive(*source), "events/a one");
    EXPECT_FALSE(source->status().up);
    EXPECT_EQ(source->status().connects, 1U) << "it subscribes again on the same connection";
    EXPECT_TRUE(eventually([&] { return count(broker_.log(), "forbidden/+ (QoS 1)") >= 2; }));
  }
}

TEST(Reconnect, SendsDisconnectAtTheEnd) {
  Mosquitto broker;
  broker.start();
  auto source = make(options_for(broker.url()));
  ASSERT_TRUE(is_up(*source));
  source = nullptr;
  EXPECT_TRUE(
      eventually([&] { return count(broker.log(), "Received DISCONNECT from mqtt-reason-exporter-") == 1; }));
}

/// A server that never answers. When its backlog is full, not even TCP does.
class BlackHole {
 public:
  void fill() {
    for (Fd& client : clients_) {
      client = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      static_cast<void>(connect_to(client, listener_.port()));
    }
  }
  std::string url(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(listener_.port());
  }

 private:
  TcpListener listener_{0};
  Fd clients_[4];
};

TEST(Reconnect, ReportsAnUnresponsiveBrokerAndStopsQuickly) {
  for (const bool tcp_answers : {true, false}) {
    for (const char* scheme : {"mqtt", "mqtts"}) {
      BlackHole hole;
      if (!tcp_answers) hole.fill();
      MqttOptions options = options_for(hole.url(scheme));
      options.connect_timeout = seconds(1);
      auto source = make(options);
      EXPECT_TRUE(reports(*source, "no CONNACK within 1 s"));
      options.connect_timeout = seconds(300);
      source = make(options);
      const auto start = std::chrono::steady_clock::now();
      source->interrupt();
      EXPECT_FALSE(*source->next(kEndless));
      source = nullptr;  // during an attempt that would take 300 s
      EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(60));
    }
  }
}

TEST(Reconnect, StartsAndStopsSeveralSourcesConcurrently) {
  Mosquitto broker;
  broker.start();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&broker, i] {
      for (int round = 0; round < 5; ++round) {
        MqttOptions options = options_for(i == 0 ? "mqtt://127.0.0.1:1" : broker.url());
        const auto source = make(options);
        EXPECT_TRUE(i == 0 ? reports(*source, "cannot connect") : is_up(*source));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace mre
