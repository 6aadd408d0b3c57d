// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/visibility.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/profile_files.h"
#include "tests/support/tally.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;
using mqtt::Protocol;

std::shared_ptr<const Profile> loaded(const std::string& yaml) {
  const auto profile = load_profile(yaml, "test.yaml");
  EXPECT_TRUE(profile.has_value()) << profile.error().what;
  return profile.value_or(nullptr);
}

// Mosquitto in small: words at any level, numbers at debug, the version in a record of debug.
constexpr const char* kLevels = R"yaml(
profile: test
title: Test
versions: any
sources:
  log:
    setting: log_level
    levels: {default: nothing, debug: "log_level debug"}
protocols: {"4": "3.1.1", "5": "5.0"}
rules:
  - id: version
    level: debug
    line: "CONNECT v{protocol} {client}"
    connects: true
    cases: [{ignore: true}]
    examples: [{record: CONNECT v5 a, gives: []}]
  - id: words
    line: "Refused {client}"
    echo: login
    cases: [{packet: CONNACK, direction: sent, code: 0x87}]
    examples: [{record: Refused a, gives: [CONNACK sent unknown 0x87 inferred]}]
  - id: number
    level: debug
    line: "CONNACK {client} {code}"
    code: dec
    echo: login
    cases: [{packet: CONNACK, direction: sent}]
    examples: [{record: CONNACK a 135, gives: [CONNACK sent unknown 0x87 explicit]}]
  - id: kicked
    line: "Kicked {client}"
    echo: login
    cases:
      - {when: {protocol: "5.0"}, packet: DISCONNECT, direction: sent, code: 0x98}
      - {close: administrative_action, by: broker}
    examples: [{record: Kicked a, gives: [close unknown administrative_action broker]}]
)yaml";

TEST(VisibleEvents, AtTheLowestLevelAreOnlyItsOwnRecords) {
  const auto profile = loaded(kLevels);
  ASSERT_NE(profile, nullptr);
  const VisibleEvents seen = visible_events(*profile, SourceKind::log, 0);
  const VisiblePacket* connack = seen.find(Packet::connack, Direction::sent);
  ASSERT_NE(connack, nullptr);
  EXPECT_EQ(connack->visibility(), CodeVisibility::words);
  EXPECT_EQ(connack->codes(), std::vector<std::uint8_t>{0x87});
  ASSERT_EQ(connack->carriers.size(), 1U);
  EXPECT_EQ(connack->carriers[0].rule, "words");
  EXPECT_FALSE(connack->carriers[0].only_without_code) << "no record with the code is written";
  for (const ReasonEvent& event : connack->events)
    EXPECT_EQ(event.protocol, Protocol::unknown) << "the record with the version is one of debug";
  EXPECT_EQ(seen.find(Packet::disconnect, Direction::sent), nullptr) << "needs the version";
  EXPECT_EQ(seen.closes.size(), 1U);
}

TEST(VisibleEvents, RecordsWithTheCodeHavePriority) {
  const auto profile = loaded(kLevels);
  ASSERT_NE(profile, nullptr);
  const VisibleEvents seen = visible_events(*profile, SourceKind::log, 1);
  const VisiblePacket* connack = seen.find(Packet::connack, Direction::sent);
  ASSERT_NE(connack, nullptr);
  EXPECT_EQ(connack->visibility(), CodeVisibility::exact)
      << "the one code in words is one of those in numbers";
  ASSERT_EQ(connack->carriers.size(), 2U);
  EXPECT_EQ(connack->carriers[0].rule, "number");
  EXPECT_EQ(connack->carriers[0].evidence, Evidence::code_in_record);
  EXPECT_EQ(connack->carriers[1].rule, "words");
  EXPECT_TRUE(connack->carriers[1].only_without_code);
  const VisiblePacket* disconnect = seen.find(Packet::disconnect, Direction::sent);
  ASSERT_NE(disconnect, nullptr);
  ASSERT_EQ(disconnect->carriers.size(), 1U);
  EXPECT_FALSE(disconnect->carriers[0].only_without_code) << "its group's code is one of another packet";
  EXPECT_EQ(seen.find(Packet::suback, Direction::sent), nullptr);
}

/// Checks that all emitted events are in the coverage.
class Announced final : public EventSink {
 public:
  explicit Announced(const Coverage& coverage) : coverage_(coverage) {}

  void on_code(const ReasonEvent& event) override {
    const bool standard = mqtt::allowed(event.protocol, event.packet, event.direction, event.code);
    EXPECT_TRUE(!standard || std::ranges::find(coverage_.codes, event) != coverage_.codes.end())
        << to_text(event);
    ++emitted;
  }
  void on_close(const CloseEvent& event) override {
    EXPECT_TRUE(std::ranges::find(coverage_.closes, event) != coverage_.closes.end()) << to_text(event);
    ++emitted;
  }
  void on_denial(const DenialEvent& event) override {
    EXPECT_TRUE(std::ranges::find(coverage_.denials, event) != coverage_.denials.end()) << to_text(event);
    ++emitted;
  }

  int emitted = 0;

 private:
  const Coverage& coverage_;
};

// Else its series would begin at 1, which increase() does not see.
TEST(Coverage, ContainsAllEventsOfTheExamples) {
  for (const auto& [file, yaml] : test::profile_files()) {
    const auto profile = load_profile(yaml, file);
    ASSERT_TRUE(profile.has_value()) << profile.error().what;
    for (const Rule& rule : (*profile)->rules) {
      SCOPED_TRACE((*profile)->name + " " + rule.id);
      for (const SourceKind kind : kProfiledKinds) {
        if ((rule.sources & bit_of(kind)) == 0) continue;
        const Coverage& coverage = (*profile)->coverage(kind);
        for (const Example& example : rule.examples) {
          Announced sink(coverage);
          const auto decoder = make_decoder(*profile, kind, 64);
          for (const auto& input : example.after)
            decoder->decode({input.payload, input.topic, input.retained}, sink);
          decoder->decode({example.input.payload, example.input.topic, example.input.retained}, sink);
          decoder->settle(sink);
        }
      }
    }
  }
}

// What a real log of a level holds is what the table says of the level.
TEST(VisibleEvents, ARecordingShowsOnlyWhatItsLevelShows) {
  constexpr struct {
    const char* profile;
    const char* recording;
    const char* level;
  } kShown[] = {
      {"mosquitto", "mosquitto-2.0.11-default.log", "default"},
      {"mosquitto", "mosquitto-2.1.2-default.log", "default"},
      {"mosquitto", "mosquitto-2.0.11.log", "debug"},
      {"mochi", "mochi-2.7.9-default.log", "info"},
      {"mochi", "mochi-2.7.9.log", "debug"},
      {"gmqtt", "gmqtt-info.log", "info"},
      {"gmqtt", "gmqtt-dump.log", "dump-packet"},
      {"rabbitmq", "rabbitmq-3.10-debug.log", "debug"},
      {"rabbitmq", "rabbitmq-3.10.json.log", "info"},
      {"flashmq", "flashmq-1.26.2.log", "subscriptions"},
      {"emqx", "emqx-5.1.0-debug.log", "debug"},
      {"emqx", "emqx-4.4.19-debug.log", "debug"},
  };
  for (const auto& recording : kShown) {
    SCOPED_TRACE(recording.recording);
    const auto profile = find_profile(recording.profile, {});
    ASSERT_TRUE(profile.has_value()) << profile.error().what;
    const auto& levels = (*profile)->log.levels;
    const auto level = std::ranges::find(levels, recording.level, &ProfileLevel::name);
    ASSERT_NE(level, levels.end());
    const VisibleEvents seen =
        visible_events(**profile, SourceKind::log, static_cast<std::size_t>(level - levels.begin()));
    Coverage of_level{{}, seen.closes, seen.denials};
    for (const VisiblePacket& packet : seen.packets)
      of_level.codes.insert(of_level.codes.end(), packet.events.begin(), packet.events.end());
    Announced sink(of_level);
    const auto decoder = make_decoder(*profile, SourceKind::log);
    std::ifstream log(std::string(MRE_TESTDATA) + "/" + recording.profile + "/" + recording.recording,
                      std::ios::binary);
    for (std::string line; std::getline(log, line);) decoder->decode({line, {}, false}, sink);
    decoder->settle(sink);
    EXPECT_GT(sink.emitted, 0);
    EXPECT_EQ(decoder->visibility().level, recording.level) << "its records prove their level, and no other";
  }
}

}  // namespace
}  // namespace mre
