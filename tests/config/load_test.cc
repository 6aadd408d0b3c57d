// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/load.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mre {
namespace {

/// A valid file with a hole, so that a case shows only what it is about.
std::string broker_with(const std::string& members) {
  return "brokers:\n"
         "  - name: main\n"
         "    profile: mosquitto\n" +
         members;
}
const std::string kLogSource = "    sources: [{name: log, log: {path: /l}}]\n";

struct BadCase {
  std::string why;
  std::string yaml;
  std::string error;
};

TEST(LoadConfig, RefusesWithPositionAndRemedy) {
  const BadCase cases[] = {
      {"nothing in the file", "", "f.yaml:1:1: the file needs the key \"brokers\": add it"},
      {"a typo at the top", "wep: {}\n" + broker_with(kLogSource),
       "f.yaml:1:1: unknown key \"wep\" in the file: did you mean \"web\"?"},
      {"a typo in a section", "web:\n  lisen_addresses: []\n" + broker_with(kLogSource),
       "f.yaml:2:3: unknown key \"lisen_addresses\" in web: did you mean \"listen_addresses\"?"},
      {"a key near nothing", "log: {zzzzzz: 1}\n" + broker_with(kLogSource),
       "f.yaml:1:7: unknown key \"zzzzzz\" in log: use one of: level, format"},
      {"a key twice", "log: {level: info}\nlog: {level: warn}\n" + broker_with(kLogSource),
       "f.yaml:2:1: duplicate key \"log\" (first defined on line 1): remove one"},
      {"a path that a system call would cut",
       broker_with("    sources: [{name: log, log: {path: \"/l\\0x\"}}]\n"),
       "f.yaml:4:39: \"path\": \"/l\\x00x\" is not a valid text: it contains U+0000"},
      {"a list for a map", "web: [1]\n" + broker_with(kLogSource),
       "f.yaml:1:6: \"web\" must be a map of keys"},
      {"a map for a value", "log: {level: {a: b}}\n" + broker_with(kLogSource),
       "f.yaml:1:14: \"level\" must be one value, as in level: VALUE"},
      {"a value for a list", "profiles: a.yaml\n" + broker_with(kLogSource),
       "f.yaml:1:11: \"profiles\" must be a list, as in profiles: [VALUE, VALUE]"},
      {"no value", "log:\n  level:\n" + broker_with(kLogSource),
       "f.yaml:2:3: \"level\" must be one value, as in level: VALUE"},
      {"a word no level has", "log: {level: inof}\n" + broker_with(kLogSource),
       "f.yaml:1:14: \"level\": unknown value \"inof\": did you mean \"info\"?"},
      {"no number", broker_with("    sources: [{name: log, log: {path: /l, max_line_bytes: 64k}}]\n"),
       "f.yaml:4:59: \"max_line_bytes\": \"64k\" is not a whole number from 0 to "
       "18446744073709551615"},
      {"no switch", broker_with("    sources: [{name: m, mqtt: {url: mqtt://h, verify_host_name: yes}}]\n"),
       "f.yaml:4:65: \"verify_host_name\": \"yes\" is not a boolean: use true or false"},
      {"a duration without unit",
       broker_with("    sources: [{name: m, mqtt: {url: mqtt://h, keep_alive: 30}}]\n"),
       "f.yaml:4:59: \"keep_alive\": \"30\" is not a duration: use a whole number with a unit (ms, s, m "
       "or h), such as "
       "30s"},
      {"a broker name that is not a label", "brokers:\n  - {name: a b, profile: mosquitto, sources: []}\n",
       "f.yaml:2:12: \"name\": \"a b\" is not a valid name: use 1 to 64 of the characters A-Z a-z 0-9 _ . -"},
      {"two sources of one name",
       broker_with("    sources: [{name: log, log: {path: /a}}, {name: log, log: {path: /b}}]\n"),
       "f.yaml:4:52: there is another source named \"log\": give it a different name"},
      {"no sources", broker_with("    sources: []\n"),
       "f.yaml:2:5: the broker \"main\" has no sources: add one with log, mqtt or capture"},
      {"a source of no kind", broker_with("    sources: [{name: x}]\n"),
       "f.yaml:4:15: the source \"x\" needs exactly one of: log, mqtt, capture"},
      {"a source of two kinds", broker_with("    sources: [{name: x, log: {path: /l}, capture: {}}]\n"),
       "f.yaml:4:15: the source \"x\" needs exactly one of: log, mqtt, capture"},
      {"a capture with a profile", broker_with("    sources: [{name: x, profile: mosquitto, capture: {}}]\n"),
       "f.yaml:4:34: a capture does not use a profile: remove the key"},
      {"two captures", broker_with("    sources: [{name: x, capture: {}}, {name: y, capture: {}}]\n"),
       "f.yaml:4:58: the source \"x\" is a capture already, and a broker can have one: list all ports there, "
       "set \"interface\" to any, and \"addresses\" to those of the broker"},
      {"a capture of no port", broker_with("    sources: [{name: x, capture: {ports: []}}]\n"),
       "f.yaml:4:34: \"ports\" is empty: list the ports that clients connect to without TLS, such as 1883"},
      {"an invalid port", broker_with("    sources: [{name: x, capture: {ports: [0]}}]\n"),
       "f.yaml:4:34: \"ports\" must be from 1 to 65535"},
      {"a port that is too large", broker_with("    sources: [{name: x, capture: {ports: [70000]}}]\n"),
       "f.yaml:4:43: \"ports\": \"70000\" is not a whole number from 0 to 65535"},
      {"an invalid address", broker_with("    sources: [{name: x, capture: {addresses: [broker.local]}}]\n"),
       "f.yaml:4:34: \"addresses\": \"broker.local\" is not an IPv4 or IPv6 address"},
      {"a required key is missing", broker_with("    sources: [{name: log, log: {from: end}}]\n"),
       "f.yaml:4:32: log needs the key \"path\": add it"},
      {"a source with a profile and one without",
       "brokers: [{name: b, sources: [{name: l, profile: emqx, log: {path: /l}}, {name: m, mqtt: {url: "
       "mqtt://h}}]}]\n",
       "f.yaml:1:74: the source \"m\" has the profile auto, but another source of its broker has a named "
       "profile: "
       "name "
       "it here too, or set both to auto"},
      {"authority where it is not known what the sources can see",
       "brokers: [{name: b, sources: [{name: l, log: {path: /l}}], authority: {CONNACK: l}}]\n",
       "f.yaml:1:72: authority needs a named profile, because the profile decides what a source can see: set "
       "the profile of the broker"},
      {"a profile file that does not exist", "profiles: [none.yaml]\n" + broker_with(kLogSource),
       "f.yaml:1:12: no such profile file: \"none.yaml\": correct the path or remove it"},
      {"authority of an unknown source", broker_with(kLogSource + "    authority: {CONNACK: lag}\n"),
       "f.yaml:5:26: the broker \"main\" has no source \"lag\": did you mean \"log\"?"},
      {"authority over no packet", broker_with(kLogSource + "    authority: {CONACK sent: log}\n"),
       "f.yaml:5:17: \"CONACK sent\" is not a packet: use one such as CONNACK, \"CONNACK sent\" or "
       "\"DISCONNECT "
       "received\", or closes, or denials"},
      {"an invalid path", "web: {telemetry_path: metrics}\n" + broker_with(kLogSource),
       "f.yaml:1:6: \"telemetry_path\" must start with \"/\""},
      {"an alias", "log: &a {level: info}\nweb: *a\n" + broker_with(kLogSource),
       "f.yaml:2:6: aliases are not supported: write the value out"},
      {"control characters", "\"a\\nb\": 1\n",
       "f.yaml:1:1: unknown key \"a\\x0Ab\" in the file: use one of: web, log, state, clients, events, "
       "profiles, brokers"},
  };
  for (const BadCase& c : cases) {
    SCOPED_TRACE(c.why);
    const auto config = load_config(c.yaml, "f.yaml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().what, c.error);
    EXPECT_EQ(config.error().code, Errc::invalid_config);
  }
}

TEST(LoadConfig, ErrorsOfOtherRoomsHaveAPosition) {
  const BadCase cases[] = {
      {"no YAML", "web: [\n", "f.yaml:2:1: not valid YAML: "},
      {"an unknown profile",
       "brokers: [{name: b, profile: mosqitto, sources: [{name: l, log: {path: /l}}]}]\n",
       "f.yaml:1:30: \"profile\": "},
      {"no topic filter", broker_with("    sources: [{name: m, mqtt: {url: mqtt://h, topics: [\"#\"]}}]\n"),
       "f.yaml:4:31: topics: "},
      {"no address", "web: {listen_addresses: [x]}\n" + broker_with(kLogSource), "f.yaml:1:6: "},
  };
  for (const BadCase& c : cases) {
    SCOPED_TRACE(c.why);
    const auto config = load_config(c.yaml, "f.yaml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().what.substr(0, c.error.size()), c.error);
  }
}

TEST(LoadConfig, SetsTheCandidatesOfADetectedProfile) {
  const struct {
    const char* why;
    std::string profile;  // as written in the broker
    std::string sources;
    std::vector<std::string> among;      // some of the candidates
    std::vector<std::string> not_among;  // and some profiles that are none
    std::vector<std::string> topics;     // some topics of the last source
  } cases[] = {
      {"a log", "", "{name: l, log: {path: /l}}", {"mosquitto", "flashmq"}, {"aedes", "generic"}, {}},
      {"by the word",
       "profile: auto, ",
       "{name: l, log: {path: /l}}",
       {"mosquitto", "flashmq"},
       {"aedes", "generic"},
       {}},
      {"events",
       "",
       "{name: m, mqtt: {url: mqtt://h}}",
       {"mosquitto", "nanomq"},
       {"flashmq"},
       {"$SYS/broker/log/+", "$SYS/brokers/connected"}},
      {"both: who cannot read both is not among them",
       "",
       "{name: l, log: {path: /l}}, {name: m, mqtt: {url: mqtt://h}}",
       {"mosquitto", "emqx"},
       {"aedes", "flashmq"},
       {"$SYS/broker/log/+", "exporter/#"}},
      {"events of AWS IoT, of which clients cannot send any",
       "",
       "{name: m, mqtt: {url: mqtts://a1b2-ats.iot.eu-west-1.AMAZONAWS.com}}",
       {"aws-iot"},
       {"mosquitto", "emqx"},
       {"$aws/events/presence/connected/+"}},
      {"in China",
       "",
       "{name: m, mqtt: {url: mqtts://x.ats.iot.cn-north-1.amazonaws.com.cn}}",
       {"aws-iot"},
       {},
       {}},
      {"its name, written to the root",
       "",
       "{name: m, mqtt: {url: mqtts://x.iot.r.amazonaws.com.}}",
       {"aws-iot"},
       {},
       {}},
      {"a machine at AWS, where any broker may run",
       "",
       "{name: m, mqtt: {url: mqtts://ec2-1-2-3-4.compute-1.amazonaws.com}}",
       {"mosquitto"},
       {"aws-iot"},
       {}},
      {"a host that is named like it",
       "",
       "{name: m, mqtt: {url: mqtts://x.iot.r.amazonaws.com.example}}",
       {"mosquitto"},
       {"aws-iot"},
       {}},
      {"the same without a dot",
       "",
       "{name: m, mqtt: {url: mqtts://x.iot.evilamazonaws.com}}",
       {"mosquitto"},
       {"aws-iot"},
       {}},
      {"a broker of one's own", "", "{name: m, mqtt: {url: mqtt://h}}", {}, {"aws-iot"}, {}},
      {"topics of one's own", "", "{name: m, mqtt: {url: mqtt://h, topics: [a/b]}}", {"nanomq"}, {}, {"a/b"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto config =
        load_config("brokers: [{name: b, " + c.profile + "sources: [" + c.sources + "]}]\n", "f.yaml");
    ASSERT_TRUE(config) << config.error().what;
    const BrokerConfig& broker = config->brokers[0];
    const auto is_candidate = [&](const std::string& name) {
      return std::ranges::any_of(broker.candidates, [&](const auto& p) { return p->name == name; });
    };
    for (const std::string& name : c.among) EXPECT_TRUE(is_candidate(name)) << name;
    for (const std::string& name : c.not_among) EXPECT_FALSE(is_candidate(name)) << name;
    for (const SourceConfig& source : broker.sources) EXPECT_EQ(source.profile, nullptr);
    const auto* mqtt = std::get_if<MqttOptions>(&broker.sources.back().options);
    if (mqtt == nullptr) continue;
    for (const std::string& topic : c.topics) EXPECT_EQ(std::ranges::count(mqtt->topics, topic), 1) << topic;
    EXPECT_EQ(broker.sources.back().topics_of_profile, c.topics != std::vector<std::string>{"a/b"});
  }
}

TEST(LoadConfig, ReadsEverySection) {
  const auto config = load_config(
      "web: {listen_addresses: [\":1\", \"[::1]:2\"]}\n"
      "log:\n"  // empty, as when all its keys are commented out
      "brokers:\n"
      "  - name: main\n"
      "    sources:\n"
      "      - {name: file, profile: mosquitto, log: {path: b.log, from: beginning, envelope: cri}}\n"
      "      - {name: events, profile: mosquitto, mqtt: {url: mqtt://h, protocol: 3.1.1, backoff_min: 500ms, "
      "username: u, password_file: p}}\n"
      "    authority: {CONNACK sent: events, DISCONNECT: file, closes: events, denials: file}\n",
      "/etc/mre/f.yaml");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->web.listen_addresses, (std::vector<std::string>{":1", "[::1]:2"}));
  EXPECT_EQ(config->web.telemetry_path, HttpOptions{}.telemetry_path);
  EXPECT_EQ(config->log, LoggingOptions{});
  ASSERT_EQ(config->brokers.size(), 1U);
  const BrokerConfig& broker = config->brokers[0];
  EXPECT_EQ(broker.place, "/etc/mre/f.yaml:4:5: ");
  ASSERT_EQ(broker.sources.size(), 2U);
  const auto& log = std::get<LogOptions>(broker.sources[0].options);
  EXPECT_EQ(log.path, "/etc/mre/b.log") << "relative to the file";
  EXPECT_EQ(log.from, LogOptions::From::beginning);
  EXPECT_EQ(log.envelope, Envelope::cri);
  const auto& events = std::get<MqttOptions>(broker.sources[1].options);
  EXPECT_EQ(events.protocol, mqtt::Protocol::v3_1_1);
  EXPECT_EQ(events.backoff_min, std::chrono::milliseconds(500));
  EXPECT_EQ(events.password_file, "/etc/mre/p");
  EXPECT_EQ(events.topics, broker.sources[1].profile->mqtt.topics) << "those of the profile";
  ASSERT_EQ(broker.authority.size(), 4U);
  EXPECT_EQ(broker.authority[0].packet, mqtt::Packet::connack);
  EXPECT_EQ(broker.authority[0].direction, mqtt::Direction::sent);
  EXPECT_EQ(broker.authority[1].direction, std::nullopt);
  EXPECT_EQ(broker.authority[2].packet, std::nullopt);
  EXPECT_FALSE(broker.authority[2].denials);
  EXPECT_TRUE(broker.authority[3].denials);
}

TEST(LoadConfig, ACaptureCanBeCombinedWithADetectedProfile) {
  const auto config = load_config(
      "brokers:\n"
      "  - name: open\n"
      "    sources: [{name: file, log: {path: /l}}, {name: wire, capture: {ports: [1883, 8080], addresses: "
      "[\"192.0.2.1\", \"2001:db8::1\"]}}]\n"
      "  - name: alone\n"
      "    sources: [{name: wire, capture: {}}]\n"
      "    authority: {PUBACK: wire}\n",
      "f.yaml");
  ASSERT_TRUE(config) << config.error().what;
  const BrokerConfig& open = config->brokers.at(0);
  EXPECT_FALSE(open.candidates.empty());
  EXPECT_EQ(open.sources.at(1).kind(), SourceKind::capture);
  EXPECT_FALSE(open.sources[1].needs_profile());
  const auto& capture = std::get<CaptureOptions>(open.sources[1].options);
  EXPECT_EQ(capture.interface, "any");
  EXPECT_EQ(capture.ports, (std::vector<std::uint16_t>{1883, 8080}));
  EXPECT_EQ(capture.addresses.size(), 2U);
  const BrokerConfig& alone = config->brokers.at(1);
  EXPECT_TRUE(alone.candidates.empty()) << "there is nothing to choose a profile for";
  EXPECT_EQ(alone.authority.size(), 1U);
}

TEST(LoadConfig, ManyCapturesShareTheMemoryOfTheirRings) {
  for (const auto& [captures, mib] : {std::pair{1, 8}, {16, 8}, {17, 4}, {50, 2}, {65, 1}, {500, 1}}) {
    std::string yaml =
        "brokers:\n  - {name: given, sources: [{name: w, capture: {buffer_bytes: 3000000}}]}\n";
    for (int i = 0; i < captures; ++i)
      yaml += "  - {name: b" + std::to_string(i) + ", sources: [{name: w, capture: {}}]}\n";
    const auto config = load_config(yaml, "f.yaml");
    ASSERT_TRUE(config) << config.error().what;
    const auto bytes = [&](std::size_t broker) {
      return std::get<CaptureOptions>(config->brokers[broker].sources[0].options).buffer_bytes;
    };
    EXPECT_EQ(bytes(0), 3'000'000U);
    EXPECT_EQ(bytes(1), static_cast<std::size_t>(mib) << 20U) << captures;
  }
}

TEST(LoadConfig, BrokersShareACompiledProfile) {
  const auto config = load_config(
      "brokers:\n"
      "  - {name: a, profile: mosquitto, sources: [{name: l, log: {path: /a}}]}\n"
      "  - {name: b, profile: mosquitto, sources: [{name: l, log: {path: /b}}]}\n",
      "f.yaml");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->brokers[0].sources[0].profile, config->brokers[1].sources[0].profile);
}

TEST(LoadConfigFile, NamesTheMissingFile) {
  const auto config = load_config_file("/nonexistent/f.yaml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().what,
            "/nonexistent/f.yaml: cannot read the configuration file: No such file or directory: correct the "
            "path or its permissions");
}

}  // namespace
}  // namespace mre
