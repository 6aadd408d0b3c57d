// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/observed_levels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "exporter/profile/profile.h"
#include "tests/support/profile_files.h"

namespace mre {
namespace {

constexpr std::uint32_t kPatience = ObservedLevels::kInitialExpiry;

/// The levels that are proved: "01".
std::string proved(const ObservedLevels& proof) {
  std::string text;
  for (std::size_t i = 0; i < ObservedLevels::kMax; ++i)
    if (proof.is_observed(i)) text += std::to_string(i);
  return text;
}

TEST(ObservedLevels, AreTheLevelsOfTheRecords) {
  const struct {
    const char* why;
    std::vector<std::pair<std::uint32_t, int>> records;  // how many, of which level
    std::string of_log;
    std::string of_events;
  } rows[] = {
      {"no record", {}, "", ""},
      {"records of the lowest level", {{10, 0}}, "0", "0"},
      {"one record is enough", {{500, 0}, {1, 1}}, "01", "01"},
      {"in a log it proves those below", {{1, 2}}, "012", "2"},
      {"records of lower levels between",
       {{1, 1}, {kPatience - 1, 0}, {1, 1}, {kPatience - 1, 0}},
       "01",
       "01"},
      {"many records without any of it", {{1, 1}, {kPatience, 0}}, "0", "0"},
      {"a level between", {{1, 2}, {kPatience - 1, 0}, {1, 1}}, "01", "01"},
      {"it comes back", {{1, 1}, {kPatience, 0}, {1, 1}}, "01", "01"},
      {"its records are rare: they get longer",
       {{1, 1}, {kPatience, 0}, {1, 1}, {7 * kPatience, 0}},
       "01",
       "01"},
      {"but not for ever", {{1, 1}, {kPatience, 0}, {1, 1}, {8 * kPatience, 0}}, "0", "0"},
      {"only the highest", {{1, 0}, {kPatience, 1}}, "01", "1"},
  };
  for (const auto& row : rows) {
    ObservedLevels log(true);
    ObservedLevels events(false);
    for (const auto& [times, level] : row.records) {
      for (std::uint32_t i = 0; i < times; ++i) {
        log.observe(static_cast<std::uint8_t>(level));
        events.observe(static_cast<std::uint8_t>(level));
      }
    }
    EXPECT_EQ(proved(log), row.of_log) << row.why;
    EXPECT_EQ(proved(events), row.of_events) << row.why;
  }
}

TEST(ObservedLevels, AreRestoredWithTheirExpiry) {
  ObservedLevels before(true);
  before.observe(1);
  for (std::uint32_t i = 0; i < kPatience - 1; ++i) before.observe(0);
  ByteWriter out;
  before.save(out);
  ObservedLevels after(true);
  ByteReader in(out.bytes());
  after.restore(in);
  ASSERT_TRUE(in.finished());
  EXPECT_EQ(proved(after), "01");
  after.observe(0);
  EXPECT_EQ(proved(after), "0") << "the last record that was missing";
  for (std::size_t size = 0; size < out.bytes().size(); ++size) {
    ByteReader cut(std::string_view(out.bytes()).substr(0, size));
    ObservedLevels(true).restore(cut);
    EXPECT_TRUE(cut.failed()) << size;
  }
}

/// "CONNACK sent" and the like that a decoder's records imply, limited to those in the rows below.
std::string shown(const Decoder& decoder) {
  const Visibility visibility = decoder.visibility();
  std::string text;
  for (const ReasonEvent& event : {ReasonEvent{mqtt::Packet::connack, mqtt::Direction::sent, {}, 0, {}},
                                   ReasonEvent{mqtt::Packet::puback, mqtt::Direction::sent, {}, 0, {}},
                                   ReasonEvent{mqtt::Packet::suback, mqtt::Direction::sent, {}, 0, {}},
                                   ReasonEvent{mqtt::Packet::disconnect, mqtt::Direction::sent, {}, 0, {}}})
    if (visibility.shows(event)) text += std::string(to_string(event.packet)) + " ";
  if (visibility.denials[static_cast<std::size_t>(Action::publish)]) text += "denials ";
  return text + (visibility.to_set.empty() ? "all" : "more");
}

TEST(Visibility, OfALogIsTheLevelsOfItsRecords) {
  const std::string connect = "1: New client connected from 127.0.0.1:1 as s1 (p2, c1, k60).";
  const std::string denied = "1: Denied PUBLISH from s1 (d0, q0, r0, m0, 'a', ... (1 bytes))";
  const std::string debug = "1: Received PINGREQ from s1";
  const std::string start = "1: mosquitto version 2.0.11 starting";
  const std::vector<std::string> subscribes = {"1: Received SUBSCRIBE from s1", "1: \ta (QoS 0)", "1: s1 0 a",
                                               "1: Sending SUBACK to s1"};
  const auto with = [](std::vector<std::string> lines, const std::vector<std::string>& more) {
    lines.insert(lines.end(), more.begin(), more.end());
    return lines;
  };
  const struct {
    const char* why;
    std::vector<std::string> lines;
    std::string expected;
  } rows[] = {
      {"nothing was read", {}, "all"},
      {"what no rule knows proves nothing", {"1: hello"}, "all"},
      {"the default level", {start, connect}, "CONNACK DISCONNECT more"},
      {"one line of the debug level; up to 2.0 SUBACK needs log_type subscribe",
       {start, connect, debug},
       "CONNACK PUBACK DISCONNECT denials more"},
      {"a line with an event, too", {start, denied}, "CONNACK PUBACK DISCONNECT denials more"},
      {"the repetition of a filter shows SUBACK", with({start, connect}, subscribes),
       "CONNACK PUBACK SUBACK DISCONNECT denials all"},
      {"2.1 writes what was denied: SUBACK needs nothing more",
       {"1: mosquitto version 2.1.2 starting", debug},
       "CONNACK PUBACK SUBACK DISCONNECT denials all"},
      {"a broker that starts again may write less", with(subscribes, {start}), "CONNACK DISCONNECT more"},
      {"and so may one that reads its configuration", with(subscribes, {"1: Reloading config.", connect}),
       "CONNACK DISCONNECT more"},
      {"a client that imitates a line proves nothing",
       {start, "1: Client Received PINGREQ from x closed its connection."},
       "CONNACK DISCONNECT more"},
  };
  const auto profile = find_profile("mosquitto", {});
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  NullSink sink;
  for (const auto& row : rows) {
    const auto decoder = make_decoder(*profile, SourceKind::log, 64);
    for (const std::string& line : row.lines) decoder->decode({line, {}, false}, sink);
    EXPECT_EQ(shown(*decoder), row.expected) << row.why;
    ByteWriter out;
    decoder->save(out);
    const auto restored = make_decoder(*profile, SourceKind::log, 64);
    ByteReader in(out.bytes());
    ASSERT_TRUE(restored->restore(in));
    EXPECT_EQ(restored->visibility(), decoder->visibility()) << row.why;
  }
}

TEST(Visibility, OfEmqxOverMqttNeedsItsRuleForConnack) {
  const auto profile = test::profile_from_file("emqx");
  const auto decoder = make_decoder(profile, SourceKind::mqtt, 64);
  NullSink sink;
  const auto example_of = [&](std::string_view id) {
    const auto rule = std::ranges::find(profile->rules, id, &Rule::id);
    const auto good = std::ranges::find(rule->examples, false, &Example::counterexample);
    const Example::Input& input = good->input;
    decoder->decode({input.payload, input.topic, false}, sink);
  };
  example_of("disconnected");
  EXPECT_TRUE(shown(*decoder).ends_with("more")) << "and says what to add";
  EXPECT_FALSE(shown(*decoder).starts_with("CONNACK")) << "without the rule there is none";
  example_of("client-check-authz");
  EXPECT_FALSE(shown(*decoder).starts_with("CONNACK")) << "another rule does not prove it";
  EXPECT_NE(shown(*decoder).find("denials"), std::string::npos);
  example_of("client-connack");
  EXPECT_TRUE(shown(*decoder).starts_with("CONNACK"));
  EXPECT_TRUE(shown(*decoder).ends_with("all"));
}

}  // namespace
}  // namespace mre
