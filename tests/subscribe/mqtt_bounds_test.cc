// SPDX-License-Identifier: Apache-2.0
// The MQTT source and too much: payloads of 50 MiB, a flood, and the opposite, a broker that never says
// anything.
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

/// Of this process, from /proc/self/status; 0 if it is not there.
std::size_t memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return std::stoul(line.substr(key.size() + 1)) * 1024;
  return 0;
}

/// The peak begins anew at what is used now. Whether that is possible.
bool reset_peak() {
  std::ofstream refs("/proc/self/clear_refs");
  return static_cast<bool>(refs << "5" << std::flush);
}

class MqttBounds : public testing::TestWithParam<mqtt::Protocol> {
 protected:
  MqttOptions options(const Mosquitto& broker) const {
    MqttOptions options = options_for(broker.url());
    options.protocol = GetParam();
    return options;
  }
  bool v5() const { return GetParam() == mqtt::Protocol::v5; }
};
INSTANTIATE_TEST_SUITE_P(Mqtt, MqttBounds, testing::Values(mqtt::Protocol::v5, mqtt::Protocol::v3_1_1),
                         [](const auto& test) { return test.param == mqtt::Protocol::v5 ? "v5" : "v3_1_1"; });

TEST_P(MqttBounds, APayloadOf50MiBIsNotTaken) {
  Mosquitto broker;
  broker.start();
  const std::string file = broker.dir().write("huge", std::string(50 * kMiB, 'x'));
  const auto source = make(options(broker));
  ASSERT_TRUE(comes_up(*source));
  const std::size_t before = memory("VmRSS");
  const bool measured = reset_peak();
  ASSERT_EQ(test::run({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "-q", "1",
                       "-t", "events/huge", "-f", file}),
            0);
  // In MQTT 5.0 the broker holds it back. A broker of 3.1.1 cannot be told a limit: it is cut off.
  if (!v5()) {
    ASSERT_TRUE(eventually([&] { return source->status().resubscribes == 2; }));
  }
  EXPECT_TRUE(broker.publish("events/a", "next"));
  EXPECT_EQ(take(*source), "events/a next");
  EXPECT_EQ(source->status().records_oversized, v5() ? 0U : 1U);
  EXPECT_EQ(source->status().connects, v5() ? 1U : 2U) << "it does not come again";
  const std::size_t peak = memory("VmHWM");
  RecordProperty("peak_above_base_kib", std::to_string((peak - std::min(peak, before)) / 1024));
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "TSan holds several bytes for each of ours";
#endif
  if (!measured) GTEST_SKIP() << "the peak cannot be measured here";
  EXPECT_LE(peak, before + 16 * kMiB) << "a sanitizer holds some MiB of its own";
}

TEST_P(MqttBounds, AFloodIsTakenOrDroppedAndCounted) {
  constexpr std::uint64_t kMessages = 50'000;
  Mosquitto broker("allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nlog_type none\n");
  broker.start();
  MqttOptions options = this->options(broker);
  options.queue_records = 1'000;
  const auto source = make(options);
  ASSERT_TRUE(comes_up(*source));
  const auto start = std::chrono::steady_clock::now();
  MqttPublisher(broker.port()).publish("events/a", 0, kMessages);
  ASSERT_TRUE(eventually([&] { return source->status().records_dropped == kMessages - 1'000; }))
      << source->status().records_dropped;
  const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - start;
  RecordProperty("messages_per_second", std::to_string(static_cast<double>(kMessages) / lasted.count()));
  EXPECT_TRUE(takes_numbers(*source, 0, 1'000)) << "the oldest are kept";
  MqttPublisher(broker.port()).publish("events/a", kMessages, 1);
  EXPECT_TRUE(takes_numbers(*source, kMessages, 1));
  EXPECT_EQ(source->status().records_dropped, kMessages - 1'000);
  EXPECT_EQ(source->status().connects, 1U);
}

TEST_P(MqttBounds, ASubscriptionOnWhichNothingComesIsTold) {
  // Mosquitto grants the subscription, and then sends nothing of what may not be read.
  Mosquitto broker("allow_anonymous true\nacl_file @DIR@/acl\n");
  broker.dir().write("acl", "topic write events/#\ntopic readwrite other/#\n");
  broker.start();
  MqttOptions options = this->options(broker);
  options.silent_after = seconds(1);
  options.topics = {"events/#"};
  auto source = make(options);
  ASSERT_TRUE(comes_up(*source));
  EXPECT_TRUE(broker.publish("events/a", "denied"));
  EXPECT_TRUE(
      says(*source, "but nothing has come on events/# since the subscription; an ACL that denies reading"));
  EXPECT_TRUE(source->status().silent);
  EXPECT_TRUE(source->status().up) << "the subscription is granted";

  options.topics = {"events/#", "other/#"};
  source = make(options);
  EXPECT_TRUE(says(*source, "nothing has come on events/#, other/# since"));
  EXPECT_TRUE(broker.publish("other/a", "one"));
  EXPECT_EQ(take(*source), "other/a one");
  EXPECT_FALSE(source->status().silent);
  EXPECT_EQ(source->status().state.find("nothing has come"), std::string::npos) << source->status().state;
  EXPECT_FALSE(eventually([&] { return source->status().silent; }, seconds(2))) << "it has spoken";
}

TEST(MqttSilence, IsNotToldIfNobodyAsks) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.silent_after = seconds(0);
  const auto source = make(options);
  ASSERT_TRUE(comes_up(*source));
  EXPECT_FALSE(eventually([&] { return source->status().silent; }, seconds(1)));
}

}  // namespace
}  // namespace mre
