// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/config.h"

#include <gtest/gtest.h>

#include "exporter/config/load.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

BrokerConfig first_broker(const std::string& text, const std::string& file) {
  auto config = load_config(text, file);
  EXPECT_TRUE(config) << config.error().what;
  return config ? config->brokers.at(0) : BrokerConfig();
}

TEST(BrokerConfig, IsEqualIfItMeansTheSame) {
  const std::string hall =
      "brokers:\n  - {name: hall, profile: mosquitto, sources: [{name: log, log: {path: /l}}]}\n";
  struct Case {
    const char* why;
    std::string text;
    bool same;
  };
  const Case cases[] = {
      {"the same text", hall, true},
      {"written otherwise, elsewhere",
       "# a comment\n\nbrokers:\n  - name: hall\n    sources:\n      - name: log\n        log: {path: /l, "
       "from: "
       "checkpoint}\n    profile: mosquitto\n",
       true},
      {"another name",
       "brokers:\n  - {name: h, profile: mosquitto, sources: [{name: log, log: {path: /l}}]}\n", false},
      {"another path",
       "brokers:\n  - {name: hall, profile: mosquitto, sources: [{name: log, log: {path: /m}}]}\n", false},
      {"another profile",
       "brokers:\n  - {name: hall, profile: emqx, sources: [{name: log, log: {path: /l}}]}\n", false},
      {"a profile to be chosen", "brokers:\n  - {name: hall, sources: [{name: log, log: {path: /l}}]}\n",
       false},
      {"an authority",
       "brokers:\n  - {name: hall, profile: mosquitto, sources: [{name: log, log: {path: /l}}], authority: "
       "{CONNACK: log}}\n",
       false},
      {"one source more",
       "brokers:\n  - {name: hall, profile: mosquitto, sources: [{name: log, log: {path: /l}}, {name: c, "
       "capture: {}}]}\n",
       false},
  };
  const BrokerConfig broker = first_broker(hall, "f.yaml");
  for (const Case& c : cases) EXPECT_EQ(broker == first_broker(c.text, "g.yaml"), c.same) << c.why;
}

TEST(BrokerConfig, AnEditedProfileIsADifferentOne) {
  const test::TempDir dir;
  const std::string profile =
      "profile: mine\ntitle: Mine\nversions: any\nsources:\n  log: {setting: none}\nrules:\n"
      "  - id: connack\n    line: \"CONNACK {client} {code}\"\n    code: dec\n"
      "    cases: [{packet: CONNACK, direction: sent, protocol: \"5.0\"}]\n"
      "    examples:\n      - {record: \"CONNACK a 135\", gives: [CONNACK sent 5.0 0x87 explicit]}\n";
  for (const char* name : {"mine", "auto"}) {
    const std::string text = std::string("profiles: [p.yaml]\nbrokers: [{name: hall, profile: ") + name +
                             ", sources: [{name: log, log: {path: /l}}]}]\n";
    dir.write("p.yaml", profile);
    const BrokerConfig before = first_broker(text, dir.file("f.yaml"));
    EXPECT_EQ(before, first_broker(text, dir.file("f.yaml"))) << name;
    dir.write("p.yaml", "# edited\n" + profile);
    EXPECT_FALSE(before == first_broker(text, dir.file("f.yaml"))) << name;
  }
}

}  // namespace
}  // namespace mre
