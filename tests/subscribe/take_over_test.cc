// SPDX-License-Identifier: Apache-2.0
// Two clients with one client id disconnect each other. They must not do so for ever.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <thread>

#include "exporter/base/fd.h"
#include "tests/subscribe/mqtt_source_support.h"
#include "tests/support/mosquitto.h"
#include "tests/support/tcp.h"
#include "tests/support/tcp_relay.h"

namespace mre {
namespace {

using std::chrono::seconds;
using namespace test;

/// An ordinary back-off with a minimum of 1 ms would reconnect at once, again and again.
MqttOptions impatient(const std::string& url) {
  MqttOptions options = options_for(url);
  options.client_id = "reason-exporter";
  options.backoff_min = std::chrono::milliseconds(1);
  options.backoff_max = std::chrono::hours(1);
  return options;
}

/// Accepts a client with MQTT 5.0, grants its filter, and then sends "Session taken over". Debian 12's
/// mosquitto logs that DISCONNECT, but closes the connection before it is sent.
class TakenOver {
 public:
  TakenOver() : listener_(4), thread_([this] { run(); }) {}
  ~TakenOver() {
    stopping_ = true;
    thread_.join();
  }
  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(listener_.port()); }

 private:
  void run() {
    while (!stopping_) {
      pollfd incoming{listener_.get(), POLLIN, 0};
      if (::poll(&incoming, 1, 5) == 1) serve(Fd(::accept(listener_.get(), nullptr, nullptr)));
    }
  }
  static void serve(const Fd& client) {
    read(client);
    write(client, {0x20, 3, 0, 0, 0});  // CONNACK: no session, success, no properties
    const auto subscribe = read(client);
    write(client, {0x90, 4, subscribe[2], subscribe[3], 0, 1});  // SUBACK: the packet's identifier, QoS 1
    write(client, {0xE0, 2, 0x8E, 0});                           // DISCONNECT
    read(client);                                                // until the client closes
  }
  static std::array<std::uint8_t, 1'024> read(const Fd& client) {
    std::array<std::uint8_t, 1'024> packet{};
    static_cast<void>(::recv(client.get(), packet.data(), packet.size(), 0));
    return packet;
  }
  static void write(const Fd& client, const std::vector<std::uint8_t>& packet) {
    EXPECT_EQ(::send(client.get(), packet.data(), packet.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(packet.size()));
  }

  TcpListener listener_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

TEST(TakeOver, StopsReconnectingAfterSessionTakenOver) {
  TakenOver broker;
  const auto source = make(impatient(broker.url()));
  EXPECT_TRUE(
      reports(*source, "Session taken over (0x8E); another client uses the client id reason-exporter"));
  EXPECT_FALSE(source->status().up);
  EXPECT_FALSE(eventually([&] { return source->status().connects > 1; }, seconds(1)));
}

TEST(TakeOver, IsDetectedFromShortConnections) {
  for (const auto protocol : {mqtt::Protocol::v5, mqtt::Protocol::v3_1_1}) {
    Mosquitto broker;
    broker.start();
    TcpRelay relay(broker.port());
    MqttOptions options = impatient("mqtt://127.0.0.1:" + std::to_string(relay.port()));
    options.protocol = protocol;
    const auto source = make(options);
    ASSERT_TRUE(is_up(*source));
    relay.cut();
    ASSERT_TRUE(eventually([&] { return source->status().connects == 2; }))
        << "one short connection may be a coincidence";
    ASSERT_TRUE(is_up(*source));
    relay.cut();
    EXPECT_TRUE(reports(*source, "perhaps another client uses the client id reason-exporter"));
    EXPECT_FALSE(eventually([&] { return source->status().connects > 2; }, seconds(1)));
  }
}

/// One test for each protocol, because each connection that ends takes Paho a second.
class TakeOvers : public testing::TestWithParam<mqtt::Protocol> {};
INSTANTIATE_TEST_SUITE_P(Mqtt, TakeOvers, testing::Values(mqtt::Protocol::v5, mqtt::Protocol::v3_1_1),
                         [](const auto& test) { return test.param == mqtt::Protocol::v5 ? "v5" : "v3_1_1"; });

TEST_P(TakeOvers, TwoExportersWithOneIdComeToRest) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = impatient(broker.url());
  options.protocol = GetParam();
  const auto first = make(options);
  ASSERT_TRUE(is_up(*first));
  const auto second = make(options);
  const std::string text = "another client uses the client id reason-exporter";
  EXPECT_TRUE(eventually([&] { return count(first->status().state + second->status().state, text) == 1; }));
  const auto connects = [&] { return first->status().connects + second->status().connects; };
  EXPECT_FALSE(eventually([&] { return connects() > 5; }, seconds(2)));
  EXPECT_NE(first->status().up, second->status().up) << "one of them stays connected";
}

}  // namespace
}  // namespace mre
