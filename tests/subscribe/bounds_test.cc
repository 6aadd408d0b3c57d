// SPDX-License-Identifier: Apache-2.0
// Limits of the MQTT source: payloads of 50 MiB, a flood, and a silent broker.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/subscribe/mqtt_source_support.h"
#include "tests/support/mosquitto.h"
#include "tests/support/mqtt_publisher.h"
#include "tests/support/process.h"

namespace mre {
namespace {

using std::chrono::seconds;
using namespace test;

constexpr std::size_t kMiB = 1U << 20U;

/// A value of /proc/self/status; 0 if it does not exist.
std::size_t memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return std::stoul(line.substr(key.size() + 1)) * 1024;
  return 0;
}

/// Resets the peak of memory use. Returns whether the kernel supports it.
bool reset_peak() {
  std::ofstream refs("/proc/self/clear_refs");
  return static_cast<bool>(refs << "5" << std::flush);
}

class Bounds : public testing::TestWithParam<mqtt::Protocol> {
 protected:
  MqttOptions options(const Mosquitto& broker) const {
    MqttOptions options = options_for(broker.url());
    options.protocol = GetParam();
    return options;
  }
  bool v5() const { return GetParam() == mqtt::Protocol::v5; }
};
INSTANTIATE_TEST_SUITE_P(Mqtt, Bounds, testing::Values(mqtt::Protocol::v5, mqtt::Protocol::v3_1_1),
                         [](const auto& test) { return test.param == mqtt::Protocol::v5 ? "v5" : "v3_1_1"; });

TEST_P(Bounds, RejectsAPayloadOf50MiB) {
  Mosquitto broker;
  broker.start();
  const std::string file = broker.dir().write("huge", std::string(50 * kMiB, 'x'));
  const auto source = make(options(broker));
  ASSERT_TRUE(is_up(*source));
  const std::size_t before = memory("VmRSS");
  const bool measured = reset_peak();
  ASSERT_EQ(test::run({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "-q", "1",
                       "-t", "events/huge", "-f", file}),
            0);
  // In MQTT 5.0 the broker drops it. A broker of 3.1.1 has no limit, so it is disconnected.
  if (!v5()) {
    ASSERT_TRUE(eventually([&] { return source->status().resubscribes == 2; }));
  }
  EXPECT_TRUE(broker.publish("events/a", "next"));
  EXPECT_EQ(receive(*source), "events/a next");
  EXPECT_EQ(source->status().records_oversized, v5() ? 0U : 1U);
  EXPECT_EQ(source->status().connects, v5() ? 1U : 2U) << "it is not sent again";
  const std::size_t peak = memory("VmHWM");
  RecordProperty("peak_above_base_kib", std::to_string((peak - std::min(peak, before)) / 1024));
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "TSan uses several bytes for each byte";
#endif
  if (!measured) GTEST_SKIP() << "the kernel cannot reset the peak";
  EXPECT_LE(peak, before + 16 * kMiB) << "a sanitizer uses some MiB";
}

TEST_P(Bounds, ReceivesOrCountsEveryMessageOfAFlood) {
  constexpr std::uint64_t kMessages = 50'000;
  Mosquitto broker("allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nlog_type none\n");
  broker.start();
  MqttOptions options = this->options(broker);
  options.queue_records = 1'000;
  const auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  const auto start = std::chrono::steady_clock::now();
  MqttPublisher(broker.port()).publish("events/a", 0, kMessages);
  ASSERT_TRUE(eventually([&] { return source->status().records_dropped == kMessages - 1'000; }))
      << source->status().records_dropped;
  const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - start;
  RecordProperty("messages_per_second", std::to_string(static_cast<double>(kMessages) / lasted.count()));
  EXPECT_TRUE(receives_numbers(*source, 0, 1'000)) << "the oldest are received";
  MqttPublisher(broker.port()).publish("events/a", kMessages, 1);
  EXPECT_TRUE(receives_numbers(*source, kMessages, 1));
  EXPECT_EQ(source->status().records_dropped, kMessages - 1'000);
  EXPECT_EQ(source->status().connects, 1U);
}

TEST_P(Bounds, ReportsASilentSubscription) {
  // Mosquitto grants the subscription, but sends no messages that the client may not read.
  Mosquitto broker("allow_anonymous true\nacl_file @DIR@/acl\n");
  broker.dir().write("acl", "topic write events/#\ntopic readwrite other/#\n");
  broker.start();
  MqttOptions options = this->options(broker);
  options.silent_after = seconds(1);
  options.topics = {"events/#"};
  auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  EXPECT_TRUE(broker.publish("events/a", "denied"));
  EXPECT_TRUE(reports(
      *source, "but no message has arrived on events/# since subscribing; a possible cause is an ACL"));
  EXPECT_TRUE(source->status().silent);
  EXPECT_TRUE(source->status().up) << "the subscription is granted";

  options.topics = {"events/#", "other/#"};
  source = make(options);
  EXPECT_TRUE(reports(*source, "no message has arrived on events/#, other/# since"));
  EXPECT_TRUE(broker.publish("other/a", "one"));
  EXPECT_EQ(receive(*source), "other/a one");
  EXPECT_FALSE(source->status().silent);
  EXPECT_EQ(source->status().state.find("no message has arrived"), std::string::npos)
      << source->status().state;
  EXPECT_FALSE(eventually([&] { return source->status().silent; }, seconds(2))) << "a message has arrived";
}

TEST(Silence, IsNotReportedWithoutSilentAfter) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.silent_after = seconds(0);
  const auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  EXPECT_FALSE(eventually([&] { return source->status().silent; }, seconds(1)));
}

}  // namespace
}  // namespace mre
