// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/probe.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "exporter/base/fd.h"
#include "tests/support/mosquitto.h"
#include "tests/support/scripted_broker.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

SourceConfig log_source(const std::string& path) {
  LogOptions options;
  options.path = path;
  return {"log", nullptr, options, false};
}

SourceConfig mqtt_source(const std::string& url, const std::string& client_id = "",
                         seconds connect_timeout = seconds(30)) {
  MqttOptions options;
  options.url = url;
  options.client_id = client_id;
  options.topics = {"$SYS/broker/log/#"};
  options.connect_timeout = connect_timeout;
  return {"events", nullptr, options, false};
}

ProbedSource probe_one(SourceConfig source) {
  BrokerConfig broker;
  broker.name = "hall";
  broker.sources.push_back(std::move(source));
  const auto probed = probe({broker});
  EXPECT_EQ(probed.size(), 1U);
  return probed.at(0);
}

TEST(Probe, SaysOfEachSourceWhetherItIsUp) {
  const test::TempDir dir;
  test::Mosquitto mosquitto;
  mosquitto.start();
  const std::string log = dir.write("log", "a line\n");
  const std::string none = dir.file("none");
  const struct {
    const char* why;
    SourceConfig source;
    ProbedSource expected;
  } cases[] = {
      {"a log", log_source(log), {true, "reading " + log}},
      {"a log that does not exist",
       log_source(none),
       {false, "waiting for " + none + ": No such file or directory"}},
      {"a pattern without files",
       log_source(dir.file("*.log")),
       {false, "waiting for " + dir.file("*.log") + ": no file matches"}},
      {"a broker",
       mqtt_source(mosquitto.url()),
       {true, "subscribed to 1 topic filter at " + mosquitto.url() + " with MQTT 5.0"}},
  };
  BrokerConfig broker;
  for (const auto& c : cases) broker.sources.push_back(c.source);
  const auto probed = probe({broker});
  ASSERT_EQ(probed.size(), std::size(cases));
  for (std::size_t i = 0; i < probed.size(); ++i) {
    EXPECT_EQ(probed[i].up, cases[i].expected.up) << cases[i].why;
    EXPECT_TRUE(probed[i].state.starts_with(cases[i].expected.state))
        << cases[i].why << ": " << probed[i].state;
  }
  const ProbedSource wire =
      probe_one({"wire", nullptr, CaptureOptions{.interface = "no-such-interface"}, false});
  EXPECT_FALSE(wire.up);
  EXPECT_TRUE(wire.state.starts_with("cannot capture on no-such-interface: ")) << wire.state;
}

TEST(Probe, SaysWhyABrokerRefuses) {
  test::Mosquitto mosquitto("allow_anonymous false\n");
  mosquitto.start();
  const ProbedSource refused = probe_one(mqtt_source(mosquitto.url()));
  EXPECT_FALSE(refused.up);
  EXPECT_EQ(refused.state, mosquitto.url() + " refused the connection: Not authorized (0x87)");
}

TEST(Probe, LeavesTheClientOfARunningExporterConnected) {
  test::Mosquitto mosquitto;
  mosquitto.start();
  EXPECT_TRUE(probe_one(mqtt_source(mosquitto.url(), "the-exporter")).up);
  EXPECT_EQ(mosquitto.log().find("as the-exporter"), std::string::npos) << mosquitto.log();
  EXPECT_NE(mosquitto.log().find("as mqtt-reason-exporter-"), std::string::npos) << mosquitto.log();
  mosquitto.stop();
  const ProbedSource away = probe_one(mqtt_source(mosquitto.url(), "the-exporter"));
  EXPECT_FALSE(away.up);
  EXPECT_TRUE(away.state.ends_with(" (probed with a random client id instead of the configured one)"))
      << away.state;
}

TEST(Probe, TakesNothingFromAPipe) {
  const test::TempDir dir;
  const std::string path = dir.file("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const Fd exporter(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  ASSERT_EQ(::write(exporter.get(), "line\n", 5), 5);
  EXPECT_TRUE(probe_one(log_source(path)).up);
  std::array<char, 16> left{};
  EXPECT_EQ(::read(exporter.get(), left.data(), left.size()), 5);
}

TEST(Probe, EndsAlthoughABrokerNeverAnswers) {
  const struct {
    const char* why;
    bool accepts;
    seconds timeout;
    const char* says;
  } cases[] = {{"no CONNACK", false, seconds(1), "sent no CONNACK within 1 s"},
               {"no SUBACK, after a CONNACK in time", true, seconds(4), "sent no SUBACK within 4 s"}};
  for (const auto& c : cases) {
    const test::ScriptedBroker broker([&](std::string_view packet) -> std::optional<std::string> {
      constexpr char kConnect = 0x10;
      return c.accepts && packet[0] == kConnect ? std::string("\x20\x03\x00\x00\x00", 5) : std::string();
    });
    const auto began = steady_clock::now();
    const ProbedSource silent = probe_one(mqtt_source(broker.url(), "", c.timeout));
    EXPECT_FALSE(silent.up) << c.why;
    EXPECT_NE(silent.state.find(c.says), std::string::npos) << c.why << ": " << silent.state;
    EXPECT_GE(steady_clock::now() - began, c.timeout) << c.why << ": it has not waited";
  }
}

}  // namespace
}  // namespace mre
