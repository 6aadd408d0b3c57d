// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/profile_selection.h"

#include <gtest/gtest.h>

#include "tests/feed/scripted.h"

namespace mre {
namespace {

using test::ScriptedSource;
using test::Step;

constexpr const char* kConnack = "1700000000: Sending CONNACK to c1 (0, 0)";
constexpr const char* kUnknown = "22 Nov 10:00:00 somebroker: a client came";

std::string docker(const std::string& line) {
  return R"({"log":")" + line + R"(\n","stream":"stdout","time":"2026-11-22T04:54:59Z"})";
}

std::deque<Step> lines(std::size_t count, const std::string& line) {
  std::deque<Step> steps;
  for (std::size_t i = 0; i < count; ++i) steps.push_back({Step::Kind::record, line});
  return steps;
}

std::deque<Step> ended(std::deque<Step> steps) {
  steps.push_back(test::end());
  return steps;
}

const std::vector<std::shared_ptr<const Profile>>& candidates() {
  static const auto profiles = detectable_profiles({}).value();
  return profiles;
}

/// Looks until there is a choice, or everything has ended or been silent. Its profile, or "".
std::string chosen(ProfileSelection& choice, int polls = 20) {
  for (; polls > 0; --polls) {
    const auto polled = choice.poll({});
    EXPECT_TRUE(polled) << polled.error().what;
    if (!polled) return "error";
    if (*polled) return (*polled)->profile->name;
    if (choice.ended()) break;
  }
  return "";
}

std::size_t left(RecordInput& input) {
  input.rewind();
  std::size_t records = 0;
  for (auto record = input.peek({}); record && *record; record = input.peek({})) ++records;
  return records;
}

TEST(ProfileSelection, ReadsThroughTheEnvelopeAndLeavesEveryRecord) {
  const struct {
    const char* why;
    Envelope envelope;
    std::deque<Step> script;
    std::string past;
    const char* profile;
    std::size_t records;
  } cases[] = {
      {"plain lines", Envelope::detect, lines(6, kConnack), "", "mosquitto", 6},
      {"lines of Docker", Envelope::detect, lines(6, docker(kConnack)), "", "mosquitto", 6},
      {"the same, set", Envelope::docker, lines(6, docker(kConnack)), "", "mosquitto", 6},
      {"the wrong one is set", Envelope::cri, lines(600, docker(kConnack)), "", "", 600},
      {"one that is there is not to be taken off", Envelope::plain, lines(600, docker(kConnack)), "", "",
       600},
      {"unknown lines", Envelope::detect, lines(600, kUnknown), "", "", 600},
      {"the past alone",
       Envelope::detect,
       {},
       "1: Sending CONNACK to c1 (0, 0)\n1: Sending CONNACK to c1 (0, 0)\n1: Sending CONNACK to c1 (0, "
       "0)\n"
       "1: Sending CONNACK to c1 (0, 0)\n1: Sending CONNACK to c1 (0, 0)\n",
       "mosquitto",
       0},
      {"past and present together", Envelope::detect, lines(3, kConnack),
       "1: Sending CONNACK to c1 (0, 0)\n1: Sending CONNACK to c1 (0, 0)\n", "mosquitto", 3},
      {"a short stream", Envelope::detect, ended(lines(3, kConnack)), "", "mosquitto", 3},
      {"too short", Envelope::detect, ended(lines(2, kConnack)), "", "", 2},
      {"no record", Envelope::detect, ended({}), "", "", 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    RecordInput source(std::make_unique<ScriptedSource>(c.script));
    ProfileSelection choice(candidates());
    choice.add("log", SourceKind::log, c.envelope, source, c.past);
    EXPECT_EQ(chosen(choice), c.profile) << choice.summary();
    EXPECT_EQ(left(source), c.records);
  }
}

TEST(ProfileSelection, TheFirstSourceWithAResultDecides) {
  RecordInput silent(std::make_unique<ScriptedSource>());
  RecordInput other(std::make_unique<ScriptedSource>(lines(5, kConnack)));
  ProfileSelection choice(candidates());
  choice.add("events", SourceKind::mqtt, Envelope::detect, silent);
  choice.add("log", SourceKind::log, Envelope::detect, other);
  const auto polled = choice.poll({});
  ASSERT_TRUE(polled && *polled);
  EXPECT_EQ((*polled)->reason, "in source log 5 of 5 records are its own, no other profile knows any");
}

TEST(ProfileSelection, SummarisesWhatWasRead) {
  RecordInput unknown(std::make_unique<ScriptedSource>(ended(lines(7, kUnknown))));
  RecordInput wrapped(std::make_unique<ScriptedSource>(ended(lines(3, kUnknown))));
  ProfileSelection choice(candidates());
  choice.add("a", SourceKind::log, Envelope::plain, unknown);
  choice.add("b", SourceKind::log, Envelope::cri, wrapped);
  EXPECT_EQ(chosen(choice), "");
  EXPECT_TRUE(choice.ended());
  EXPECT_EQ(choice.records(), 10U);
  EXPECT_EQ(choice.summary(),
            "source a: of 7 records no profile knows any; source b: 3 records, but none to detect a profile "
            "from: they are empty, retained, in another envelope, or on topics of clients");
}

TEST(ProfileSelection, AFailingSourceDoesNotBlockTheOthers) {
  RecordInput broken(std::make_unique<ScriptedSource>(std::deque<Step>(50, test::error("gone"))));
  RecordInput other(std::make_unique<ScriptedSource>(lines(5, kConnack)));
  ProfileSelection choice(candidates());
  choice.add("broken", SourceKind::log, Envelope::detect, broken);
  choice.add("log", SourceKind::log, Envelope::detect, other);
  EXPECT_FALSE(choice.poll({})) << "the error is returned";
  const auto polled = choice.poll({});
  ASSERT_TRUE(polled && *polled);
  EXPECT_EQ((*polled)->profile->name, "mosquitto");
  EXPECT_EQ(left(other), 5U);
}

TEST(ProfileSelection, AnErrorOfASourceIsNotItsEnd) {
  auto script = lines(4, kConnack);
  script.push_back(test::error("gone"));
  script.push_back({Step::Kind::record, kConnack});
  RecordInput source(std::make_unique<ScriptedSource>(script));
  ProfileSelection choice(candidates());
  choice.add("log", SourceKind::log, Envelope::detect, source);
  const auto polled = choice.poll({});
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().what, "gone");
  EXPECT_FALSE(choice.ended());
  EXPECT_EQ(chosen(choice), "mosquitto");
  EXPECT_EQ(left(source), 5U);
}

}  // namespace
}  // namespace mre
