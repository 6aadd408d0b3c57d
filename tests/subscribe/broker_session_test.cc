// SPDX-License-Identifier: Apache-2.0
// The session of the broker: no message is lost or counted twice while the exporter or the broker is down.
#include "exporter/subscribe/broker_session.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "tests/subscribe/mqtt_source_support.h"
#include "tests/support/mosquitto.h"
#include "tests/support/mqtt_publisher.h"
#include "tests/support/tcp_relay.h"

namespace mre {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace test;

constexpr const char* kPersistent =
    "allow_anonymous true\npersistence true\npersistence_location @DIR@/\nmax_queued_messages 0\n";

BrokerSession some_session() {
  BrokerSession session;
  session.client_id = "exporter-1";
  session.expected = true;
  session.topics = {"events/#", "$SYS/broker/log/#"};
  session.filter.add(7, "events/a", "payload");
  return session;
}

std::string saved_session(const MqttOptions& options) {
  ByteWriter out;
  some_session().save(options, out);
  return std::move(out).take();
}

TEST(BrokerSession, BelongsToOneBrokerUserAndClientId) {
  struct {
    std::function<void(MqttOptions&)> change;
    bool used;
    const char* why;
  } const cases[] = {
      {[](auto&) {}, true, "the same"},
      {[](auto& o) { o.url = "mqtt://broker:1883/"; }, true, "another spelling of the URL"},
      {[](auto& o) { o.client_id = "exporter-1"; }, true, "the id is configured now"},
      {[](auto& o) { o.qos = 0; }, true, "other options do not matter"},
      {[](auto& o) { o.url = "mqtt://other"; }, false, "another broker"},
      {[](auto& o) { o.url = "mqtts://broker"; }, false, "another port of the broker"},
      {[](auto& o) { o.username = "bob"; }, false, "another user may have other rights"},
      {[](auto& o) { o.client_id = "exporter-2"; }, false, "another id has another session"},
  };
  MqttOptions options = options_for("mqtt://broker");
  const std::string saved = saved_session(options);
  for (const auto& c : cases) {
    MqttOptions now = options;
    c.change(now);
    const BrokerSession session = BrokerSession::resume(now, saved);
    EXPECT_EQ(session.expected, c.used) << c.why;
    EXPECT_EQ(session.client_id == "exporter-1", c.used) << c.why;
    EXPECT_EQ(session.topics.size(), c.used ? 2U : 0U) << c.why;
  }
}

TEST(BrokerSession, IgnoresUnreadableBytes) {
  const MqttOptions options = options_for("mqtt://broker");
  const std::string saved = saved_session(options);
  ASSERT_TRUE(BrokerSession::resume(options, saved).expected);
  for (std::size_t size = 0; size < saved.size(); ++size) {
    const BrokerSession session = BrokerSession::resume(options, saved.substr(0, size));
    EXPECT_FALSE(session.expected) << size;
    EXPECT_TRUE(session.client_id.starts_with("mqtt-reason-exporter-")) << size;
  }
  EXPECT_FALSE(BrokerSession::resume(options, saved + "x").expected);
  EXPECT_FALSE(BrokerSession::resume(options, "\x7F" + saved.substr(1)).expected) << "another version";
}

TEST(BrokerSession, IsNotKeptForEverForARandomId) {
  struct {
    mqtt::Protocol protocol;
    seconds expiry;
    bool permanent_id;
    bool kept;
  } const cases[] = {
      {mqtt::Protocol::v5, seconds(300), false, true},  {mqtt::Protocol::v5, seconds(300), true, true},
      {mqtt::Protocol::v5, seconds(0), true, false},    {mqtt::Protocol::v3_1_1, seconds(300), false, false},
      {mqtt::Protocol::v3_1_1, seconds(1), true, true}, {mqtt::Protocol::v3_1_1, seconds(0), true, false},
  };
  for (const auto& c : cases) {
    MqttOptions options;
    options.protocol = c.protocol;
    options.session_expiry = c.expiry;
    BrokerSession session;
    session.permanent_id = c.permanent_id;
    EXPECT_EQ(session.is_kept(options), c.kept);
  }
}

TEST(BrokerSession, StoresItsRandomId) {
  const MqttOptions options = options_for("mqtt://broker");
  const BrokerSession first = BrokerSession::resume(options, {});
  EXPECT_NE(first.client_id, BrokerSession::resume(options, {}).client_id);
  ByteWriter out;
  first.save(options, out);
  EXPECT_EQ(BrokerSession::resume(options, out.bytes()).client_id, first.client_id);
}

class Sessions : public testing::TestWithParam<mqtt::Protocol> {
 protected:
  MqttOptions options(const std::string& url) const {
    MqttOptions options = options_for(url);
    options.protocol = GetParam();
    options.client_id = "reason-exporter";
    return options;
  }
  /// Whether the broker has received our DISCONNECT, and so all acknowledgements before it.
  static bool gone(const Mosquitto& broker) {
    return eventually([&] { return count(broker.log(), "Received DISCONNECT from reason-exporter") == 1; });
  }
  MqttOptions options(const TcpRelay& relay) const {
    return options("mqtt://127.0.0.1:" + std::to_string(relay.port()));
  }
  bool v5() const { return GetParam() == mqtt::Protocol::v5; }
};
INSTANTIATE_TEST_SUITE_P(Mqtt, Sessions, testing::Values(mqtt::Protocol::v5, mqtt::Protocol::v3_1_1),
                         [](const auto& test) { return test.param == mqtt::Protocol::v5 ? "v5" : "v3_1_1"; });

TEST_P(Sessions, ReceivesMessagesOfTheDowntimeOnce) {
  Mosquitto broker;
  broker.start();
  MqttPublisher publisher(broker.port());
  auto source = make(options(broker.url()));
  ASSERT_TRUE(is_up(*source));
  publisher.publish("events/a", 0, 10);
  EXPECT_TRUE(receives_numbers(*source, 0, 10));
  const std::string saved = stop_and_save(std::move(source));
  ASSERT_TRUE(gone(broker)) << "messages that are sent before it are redelivered later";
  publisher.publish("events/a", 10, 500);
  source = make(options(broker.url()), saved);
  EXPECT_TRUE(receives_numbers(*source, 10, 500));
  ASSERT_TRUE(is_up(*source));
  publisher.publish("events/a", 510, 1);
  EXPECT_TRUE(receives_numbers(*source, 510, 1)) << "no message was redelivered";
  EXPECT_EQ(source->status().sessions_lost, 0U);
  EXPECT_EQ(source->status().redelivered, 0U);
}

TEST_P(Sessions, TheNextProcessRecognisesRedeliveredMessages) {
  Mosquitto broker;
  broker.start();
  TcpRelay relay(broker.port());
  auto source = make(options(relay));
  ASSERT_TRUE(is_up(*source));
  relay.hold_clients(true);  // No PUBACK arrives, and no DISCONNECT.
  MqttPublisher publisher(broker.port());
  publisher.publish("events/a", 0, 10);
  EXPECT_TRUE(receives_numbers(*source, 0, 8));
  ASSERT_TRUE(eventually([&] { return count(broker.log(), "Sending PUBLISH to reason-exporter") == 10; }));
  ByteWriter killed_here;
  EXPECT_TRUE(source->save(killed_here));
  EXPECT_TRUE(receives_numbers(*source, 8, 2));
  relay.cut();
  relay.hold_clients(false);
  source = nullptr;
  source = make(options(relay), killed_here.bytes());
  EXPECT_TRUE(receives_numbers(*source, 8, 2)) << "received after the save, so not part of it";
  publisher.publish("events/a", 10, 5);
  EXPECT_TRUE(receives_numbers(*source, 10, 5));
  EXPECT_EQ(source->status().redelivered, 10U);
  EXPECT_EQ(source->status().sessions_lost, 0U);
}

TEST_P(Sessions, StoppingDuringAFlowLosesNoMessages) {
  constexpr std::uint64_t kEach = 2'000;
  constexpr std::uint64_t kRounds = 5;
  Mosquitto broker("allow_anonymous true\nmax_queued_messages 0\n");
  broker.start();
  MqttPublisher publisher(broker.port());
  std::string saved;
  Numbers numbers;
  std::uint64_t redelivered = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    auto source = make(options(broker.url()), saved);
    ASSERT_TRUE(is_up(*source));
    std::thread sender([&] { publisher.publish("events/a", round * kEach, kEach); });
    for (int i = 0; i < 500; ++i) numbers.take(*source, Deadline::clock::now() + seconds(30));
    source->finish();
    while (numbers.take(*source, Deadline::clock::now())) continue;
    redelivered += source->status().redelivered;
    saved = stop_and_save(std::move(source));
    sender.join();
  }
  auto source = make(options(broker.url()), saved);
  while (numbers.different() < kEach * kRounds)
    ASSERT_TRUE(numbers.take(*source, Deadline::clock::now() + seconds(30))) << numbers.different();
  EXPECT_EQ(source->status().records_dropped, 0U);
  EXPECT_LE(numbers.repeated(), redelivered + source->status().redelivered)
      << "each repeated message has the DUP flag";
}

TEST_P(Sessions, ARestartOfAPersistentBrokerLosesNoMessages) {
  Mosquitto broker(kPersistent);
  broker.start();
  auto source = make(options(broker.url()));
  ASSERT_TRUE(is_up(*source));
  broker.stop();
  ASSERT_TRUE(eventually([&] { return !source->status().up; }));
  broker.start();
  MqttPublisher(broker.port()).publish("events/a", 0, 500);  // before or after the reconnect
  EXPECT_TRUE(receives_numbers(*source, 0, 500));
  EXPECT_EQ(source->status().sessions_lost, 0U);

  const std::string saved = stop_and_save(std::move(source));
  MqttPublisher(broker.port()).publish("events/a", 500, 500);
  broker.stop();
  broker.start();
  source = make(options(broker.url()), saved);
  EXPECT_TRUE(receives_numbers(*source, 500, 500)) << "both were down";
  EXPECT_EQ(source->status().sessions_lost, 0U);
}

TEST_P(Sessions, CountsASessionThatTheBrokerHasLost) {
  Mosquitto broker;
  broker.start();
  auto source = make(options(broker.url()));
  ASSERT_TRUE(is_up(*source));
  EXPECT_EQ(source->status().sessions_lost, 0U) << "the first session is new, not lost";
  broker.stop();
  ASSERT_TRUE(eventually([&] { return !source->status().up; }));
  broker.start();
  ASSERT_TRUE(is_up(*source));
  EXPECT_EQ(source->status().sessions_lost, 1U);
  MqttPublisher(broker.port()).publish("events/a", 0, 5);
  EXPECT_TRUE(receives_numbers(*source, 0, 5));

  const std::string saved = stop_and_save(std::move(source));
  broker.stop();
  broker.start();
  source = make(options(broker.url()), saved);
  ASSERT_TRUE(is_up(*source));
  EXPECT_EQ(source->status().sessions_lost, 1U) << "an earlier process had a session";
}

TEST_P(Sessions, CountsNoLossWithoutASession) {
  Mosquitto broker;
  broker.start();
  MqttOptions clean = options(broker.url());
  clean.session_expiry = seconds(0);
  auto source = make(clean);
  ASSERT_TRUE(is_up(*source));
  EXPECT_EQ(count(broker.log(), v5() ? "(p5, c1, k27)" : "(p2, c1, k27)"), 1U) << broker.log();
  const std::string saved = stop_and_save(std::move(source));
  MqttPublisher(broker.port()).publish("events/a", 0, 5);
  source = make(clean, saved);
  ASSERT_TRUE(is_up(*source));
  MqttPublisher(broker.port()).publish("events/a", 5, 1);
  EXPECT_TRUE(receives_numbers(*source, 5, 1));
  EXPECT_EQ(source->status().sessions_lost, 0U);
}

TEST(BrokerSession, CountsAnExpiredSession) {
  Mosquitto broker;
  broker.start();
  MqttOptions options = options_for(broker.url());
  options.session_expiry = seconds(1);
  auto source = make(options);
  ASSERT_TRUE(is_up(*source));
  const std::string saved = stop_and_save(std::move(source));
  ASSERT_TRUE(eventually([&] { return count(broker.log(), "due to timeout") == 1; })) << broker.log();
  source = make(options, saved);
  ASSERT_TRUE(is_up(*source));
  EXPECT_EQ(source->status().sessions_lost, 1U);
}

TEST_P(Sessions, ReturnsARedeliveredMessageOnce) {
  Mosquitto broker;
  broker.start();
  TcpRelay relay(broker.port());
  const auto source = make(options(relay));
  ASSERT_TRUE(is_up(*source));
  relay.hold_clients(true);  // No PUBACK arrives.
  MqttPublisher(broker.port()).publish("events/a", 0, 5);
  EXPECT_TRUE(receives_numbers(*source, 0, 5));
  EXPECT_EQ(source->status().redelivered, 0U);
  relay.cut();
  relay.hold_clients(false);
  ASSERT_TRUE(eventually([&] { return source->status().redelivered == 5; }))
      << "the broker did not receive the acknowledgements";
  ASSERT_TRUE(is_up(*source));
  MqttPublisher(broker.port()).publish("events/a", 5, 5);
  EXPECT_TRUE(receives_numbers(*source, 5, 5));
  EXPECT_EQ(source->status().redelivered, 5U);
  EXPECT_EQ(source->status().sessions_lost, 0U);
}

/// With and without a session. Each connection that ends takes Paho a second.
class RetainedMessages : public Sessions {
 protected:
  void expect_no_events(bool session, std::uint64_t reconnects);
};
INSTANTIATE_TEST_SUITE_P(Mqtt, RetainedMessages, testing::Values(mqtt::Protocol::v5, mqtt::Protocol::v3_1_1),
                         [](const auto& test) { return test.param == mqtt::Protocol::v5 ? "v5" : "v3_1_1"; });

void RetainedMessages::expect_no_events(bool session, std::uint64_t reconnects) {
  constexpr std::uint64_t kRetained = 53;
  Mosquitto broker;
  broker.start();
  TcpRelay relay(broker.port());
  MqttPublisher publisher(broker.port());
  for (std::uint64_t i = 0; i < kRetained; ++i) publisher.publish("events/" + std::to_string(i), i, 1, true);
  MqttOptions options = this->options(relay);
  if (!session) options.session_expiry = seconds(0);
  const auto source = make(options);
  std::uint64_t retained = 0;
  for (; retained < kRetained; ++retained) ASSERT_TRUE(receive(*source).ends_with(" retained"));
  for (std::uint64_t connects = 1; connects <= reconnects; ++connects) {
    ASSERT_TRUE(eventually([&] { return source->status().resubscribes == connects; }));
    relay.cut();
  }
  ASSERT_TRUE(eventually([&] { return source->status().resubscribes == reconnects + 1; }));
  publisher.publish("events/new", 0, 1);
  std::uint64_t events = 0;
  while (events == 0) {
    const auto record = source->next(std::chrono::steady_clock::now() + seconds(30));
    ASSERT_TRUE(record && *record);
    ++((*record)->retained ? retained : events);
    EXPECT_EQ((*record)->retained, (*record)->topic != "events/new");
  }
  if (session && v5()) {
    EXPECT_EQ(retained, kRetained) << "Retain Handling 1: not for an existing subscription";
  } else {
    EXPECT_GE(retained, kRetained * 2) << "after each connect, except for messages lost in a cut";
  }
}

TEST_P(RetainedMessages, AreNotEventsWhenASessionIsResumed) { expect_no_events(true, 6); }

TEST_P(RetainedMessages, AreNotEventsWithoutASession) { expect_no_events(false, 2); }

TEST_P(Sessions, UnsubscribesFiltersThatWereRemoved) {
  Mosquitto broker;
  broker.start();
  MqttOptions both = options(broker.url());
  both.topics = {"events/#", "other/#"};
  auto source = make(both);
  ASSERT_TRUE(is_up(*source));
  const std::string saved = stop_and_save(std::move(source));
  source = make(options(broker.url()), saved);
  ASSERT_TRUE(is_up(*source));
  ASSERT_TRUE(eventually([&] { return count(broker.log(), "Sending UNSUBACK") == 1; })) << broker.log();
  MqttPublisher publisher(broker.port());
  publisher.publish("other/a", 0, 5);
  publisher.publish("events/a", 5, 1);
  EXPECT_TRUE(receives_numbers(*source, 5, 1));
}

TEST_P(Sessions, UnsubscribesFiltersThatWereNarrowedWhileDisconnected) {
  Mosquitto broker;
  broker.start();
  TcpRelay relay(broker.port());
  MqttOptions both = options(relay);
  both.topics = {"events/#", "other/#"};
  auto made = make_mqtt_source(both);
  ASSERT_TRUE(made) << made.error().what;
  Source& source = **made;
  ASSERT_TRUE(is_up(source));
  relay.freeze(true);
  relay.cut();
  ASSERT_TRUE(eventually([&] { return !source.status().up; }));
  source.narrow({"events/#"});
  relay.freeze(false);
  ASSERT_TRUE(reports(source, "subscribed to 1 topic filter at "));
  ASSERT_TRUE(is_up(source));
  ASSERT_TRUE(eventually([&] { return count(broker.log(), "Sending UNSUBACK") == 1; })) << broker.log();
  MqttPublisher publisher(broker.port());
  publisher.publish("other/a", 0, 5);
  publisher.publish("events/a", 5, 1);
  EXPECT_TRUE(receives_numbers(source, 5, 1));
}

}  // namespace
}  // namespace mre
