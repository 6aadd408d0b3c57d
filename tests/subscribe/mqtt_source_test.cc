// SPDX-License-Identifier: Apache-2.0
// The MQTT source and real mosquittos: what it returns, counts and rejects.
#include <gtest/gtest.h>

#include <thread>

#include "tests/subscribe/mqtt_source_support.h"
#include "tests/support/mosquitto.h"
#include "tests/support/process.h"

namespace mre {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace test;

class BothProtocols : public testing::TestWithParam<mqtt::Protocol> {};
INSTANTIATE_TEST_SUITE_P(Mqtt, BothProtocols, testing::Values(mqtt::Protocol::v5, mqtt::Protocol::v3_1_1),
                         [](const auto& test) { return test.param == mqtt::Protocol::v5 ? "v5" : "v3_1_1"; });

TEST_P(BothProtocols, ReceivesMessages) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.protocol = GetParam();
  const auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  EXPECT_TRUE(broker.publish("events/a", "one"));
  EXPECT_TRUE(broker.publish("other", "not subscribed to"));
  EXPECT_TRUE(broker.publish("events/b", ""));
  EXPECT_EQ(receive(*source), "events/a one");
  EXPECT_EQ(receive(*source), "events/b ");
  const SourceStatus& status = source->status();
  EXPECT_EQ(status.connects, 1U);
  EXPECT_EQ(status.resubscribes, 1U);
  EXPECT_EQ(status.failures, 0U);
  EXPECT_EQ(status.state, "subscribed to 1 topic filter at " + broker.url() + " with MQTT " +
                              std::string(mqtt::to_string(GetParam())));
  EXPECT_EQ(count(broker.log(), "(p5, c0, k27)"), GetParam() == mqtt::Protocol::v5 ? 1U : 0U) << broker.log();
  EXPECT_EQ(count(broker.log(), " as mqtt-reason-exporter-"), 1U);
}

TEST_P(BothProtocols, MarksRetainedMessages) {
  Mosquitto broker;
  broker.start();
  EXPECT_TRUE(broker.publish("events/state", "old", {"-r"}));
  MqttOptions options = options_for(broker.url());
  options.protocol = GetParam();
  const auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  EXPECT_EQ(receive(*source), "events/state old retained");
  EXPECT_TRUE(broker.publish("events/state", "new", {"-r"}));
  EXPECT_EQ(receive(*source), "events/state new") << "published while subscribed, so it is an event";
}

TEST_P(BothProtocols, ReportsAWrongPasswordAndRetriesSlowly) {
  Mosquitto broker("allow_anonymous false\npassword_file @DIR@/passwd\n");
  ASSERT_EQ(test::run({"mosquitto_passwd", "-b", "-c", broker.dir().file("passwd"), "exporter", "right"}), 0);
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.protocol = GetParam();
  options.username = "exporter";
  options.password_file = broker.dir().write("secret", "wrong\n");
  options.backoff_min = milliseconds(1);
  options.backoff_max = std::chrono::hours(1);
  auto source = make(options);
  EXPECT_TRUE(reports(*source, GetParam() == mqtt::Protocol::v5 ? "Not authorized (0x87)" : "(0x05)"));
  EXPECT_EQ(source->status().state.find("wrong"), std::string::npos) << "no secret in the state";
  EXPECT_FALSE(source->status().up);
  EXPECT_EQ(source->status().connects, 0U);
  EXPECT_EQ(source->status().failures, 1U);
  // An ordinary back-off with a minimum of 1 ms would have reconnected at once.
  EXPECT_FALSE(eventually([&] { return source->status().failures > 1; }, seconds(1)));
  source = nullptr;

  // The file is read at each attempt.
  options.backoff_max = milliseconds(100);
  source = make(options);
  EXPECT_TRUE(reports(*source, "refused the connection"));
  broker.dir().write("secret", "right\n");
  EXPECT_TRUE(is_up(*source));
}

TEST(MqttSource, AFullQueueDropsAndCountsTheNewest) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.queue_records = 3;
  const auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(broker.publish("events/a", std::to_string(i)));
  EXPECT_TRUE(eventually([&] { return source->status().records_dropped == 2; }));
  for (const char* expected : {"events/a 0", "events/a 1", "events/a 2"})
    EXPECT_EQ(receive(*source), expected);
  EXPECT_TRUE(broker.publish("events/a", "later"));
  EXPECT_EQ(receive(*source), "events/a later");
}

TEST(MqttSource, InMqtt5TheBrokerDropsLongMessages) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.max_packet_bytes = 1'000;
  const auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  EXPECT_TRUE(broker.publish("events/long", std::string(2'000, 'x')));
  EXPECT_TRUE(broker.publish("events/a", "short"));
  EXPECT_EQ(receive(*source), "events/a short");
  EXPECT_EQ(source->status().records_oversized, 0U) << "the broker did not send it";
}

TEST(MqttSource, InMqtt3LongMessagesAreCounted) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.protocol = mqtt::Protocol::v3_1_1;
  options.max_packet_bytes = 1'000;
  const auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  EXPECT_TRUE(broker.publish("events/long", std::string(2'000, 'x')));
  EXPECT_TRUE(broker.publish("events/a", "short"));
  EXPECT_EQ(receive(*source), "events/a short");
  EXPECT_EQ(source->status().records_oversized, 1U);
}

TEST(MqttSource, ReturnsBinaryPayloadsUnchanged) {
  Mosquitto broker;
  broker.start();
  const std::string bytes("\0\xff\n\x80 end", 9);
  const std::string file = broker.dir().write("payload", bytes);
  const auto source = make(options_for(broker.url()));
  ASSERT_TRUE(is_up(*source));
  EXPECT_EQ(test::run({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "-t",
                       "events/b", "-f", file}),
            0);
  EXPECT_EQ(receive(*source), "events/b " + bytes);
}

TEST(MqttSource, InterruptEndsOneWait) {
  Mosquitto broker;
  broker.start();
  const auto source = make(options_for(broker.url()));
  ASSERT_TRUE(is_up(*source));
  std::thread other([&] { source->interrupt(); });
  const auto record = source->next(kEndless);
  other.join();
  ASSERT_TRUE(record);
  EXPECT_FALSE(*record);
  source->interrupt();
  EXPECT_FALSE(*source->next(kEndless));
}

TEST_P(BothProtocols, NarrowsItsTopicsOnTheSameConnection) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.protocol = GetParam();
  options.topics = {"events/#", "other/#", "third/#"};
  auto made = make_mqtt_source(options);
  ASSERT_TRUE(made) << made.error().what;
  Source& source = **made;
  ASSERT_TRUE(is_up(source));
  EXPECT_TRUE(broker.publish("other/a", "before"));
  EXPECT_EQ(receive(source), "other/a before");
  source.narrow({"events/#"});
  ASSERT_TRUE(reports(source, "subscribed to 1 topic filter at "));
  ASSERT_TRUE(eventually([&] { return count(broker.log(), "Sending UNSUBACK") == 1; })) << broker.log();
  EXPECT_TRUE(broker.publish("other/a", "after"));
  EXPECT_TRUE(broker.publish("events/a", "one"));
  EXPECT_EQ(receive(source), "events/a one");
  EXPECT_EQ(source.status().connects, 1U);
  EXPECT_EQ(source.status().resubscribes, 1U) << "once after each connection";
}

TEST(MqttSource, SubscribesOnlyToNarrowedTopics) {
  Mosquitto broker;
  MqttOptions options = options_for(broker.url());
  options.topics = {"other/#", "events/#"};
  auto made = make_mqtt_source(options);
  ASSERT_TRUE(made) << made.error().what;
  (*made)->narrow({"events/#"});
  broker.start();
  ASSERT_TRUE(reports(**made, "subscribed to 1 topic filter at "));
  EXPECT_EQ(count(broker.log(), "other/#"), 0U) << broker.log();
}

TEST(MqttSource, RejectsInvalidOptions) {
  MqttOptions options = options_for("mqtt://broker");
  options.topics = {"#"};
  const auto source = make_mqtt_source(options);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, Errc::invalid_config);
}

}  // namespace
}  // namespace mre
