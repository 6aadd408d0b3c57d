#include "exporter/profile/detect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include "tests/support/tally.h"

namespace mre {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

const std::vector<std::shared_ptr<const Profile>>& candidates() {
  static const auto profiles = detectable_profiles({}).value();
  return profiles;
}

/// The name of the profile, or "" for none.
std::string verdict_of(const ProfileDetector& detector) {
  const auto verdict = detector.verdict();
  return verdict ? verdict->profile->name : "";
}

std::string told(std::span<const std::string> lines) {
  ProfileDetector detector(candidates(), SourceKind::log);
  for (const std::string& line : lines) detector.add({line, {}, false});
  return verdict_of(detector);
}

/// The same for recorded messages, one JSON object a line.
std::string told_messages(std::span<const std::string> lines) {
  ProfileDetector detector(candidates(), SourceKind::mqtt);
  EventLine messages;
  for (const std::string& line : lines) {
    if (const auto record = messages.read(line)) detector.add(*record);
  }
  return verdict_of(detector);
}

Lines lines_of(const std::string& file) {
  std::ifstream stream(std::string(MRE_TESTDATA) + "/" + file, std::ios::binary);
  Lines lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  EXPECT_FALSE(lines.empty()) << file;
  return lines;
}

bool holds_messages(const Lines& lines) { return EventLine().read(lines.front()).has_value(); }

std::string told_any(std::span<const std::string> lines, bool messages) {
  return messages ? told_messages(lines) : told(lines);
}

constexpr std::size_t kAll = 900;  // of a long recording, within what a detector remembers

struct RecordingCase {
  const char* file;
  std::size_t lines;  // that suffice
  const char* profile;
  const char* why;
};

constexpr RecordingCase kRecordings[] = {
    {"aedes/aedes-1.2.0.jsonl", 20, "aedes", "topics below $SYS with the broker's own id"},
    {"artemis/artemis-crlf.log", 20, "artemis", "the layout that its profile asks for"},
    {"artemis/artemis-default-layout.log", kAll, "",
     "clients began 4 of its 18 lines with those of a mosquitto: what is true cannot be told"},
    {"aws-iot/aws-iot.jsonl", 20, "aws-iot", "topics below $aws"},
    {"aws-iot/every-rule.jsonl", 20, "aws-iot", "with values that its rules refuse"},
    {"ejabberd/ejabberd-23.01.log", 20, "ejabberd", "from its start"},
    {"ejabberd/ejabberd-26.07.log", 20, "ejabberd", "a newer release"},
    {"ejabberd/hostile-23.01.log", 20, "ejabberd", "clients that begin lines"},
    {"emqx/emqx-4.4.19-debug.log", 20, "emqx", "JSON lines"},
    {"emqx/emqx-5.1.0-debug.log", 40, "emqx", "15 of its first 20 lines are about its start alone"},
    {"emqx/emqx-4.4.19.jsonl", 20, "emqx", "its topics are also rmqtt's, which knows some of its events"},
    {"emqx/emqx-5.1.0.jsonl", 20, "emqx", "half of them on a topic where anybody may publish"},
    {"emqx/emqx-4.4.19-warning.log", kAll, "", "most of its lines belong to reports over many lines"},
    {"emqx/emqx-5.1.0-info.json.log", 100, "emqx", "it begins with lines about its start"},
    {"flashmq/flashmq-1.26.2.log", 20, "flashmq", "from its start"},
    {"generic/every-rule.log", kAll, "", "a broker that has no profile"},
    {"hivemq/hivemq-2025.5.event.log", 20, "hivemq", "its event log"},
    {"hivemq/hivemq-2025.5.log", 20, "hivemq", "its message log"},
    {"hivemq/hivemq-2025.5-json.log", 20, "hivemq", "its message log, JSON lines"},
    {"gmqtt/gmqtt-dump.log", 20, "gmqtt", "with its dumps of packets"},
    {"gmqtt/gmqtt-info.log", 20, "gmqtt", "the default level"},
    {"mochi/every-rule.log", 20, "mochi", "every line it writes"},
    {"mochi/hostile.log", 20, "mochi", "clients whose names imitate it"},
    {"mochi/mochi-2.7.9-default.log", 20, "mochi", "without its debug hook"},
    {"mochi/mochi-2.7.9.log", 20, "mochi", "with its debug hook"},
    {"mosquitto/hostile-anonymous.log", 20, "mosquitto", "clients whose names imitate it"},
    {"mosquitto/hostile-auth.log", 20, "mosquitto", "clients whose names imitate it"},
    {"mosquitto/mosquitto-2.0.11-default.log", 20, "mosquitto", "the default level"},
    {"mosquitto/mosquitto-2.0.11.log", 20, "mosquitto", "every level"},
    {"mosquitto/mosquitto-2.0.21-all.log", 20, "mosquitto", "every level"},
    {"mosquitto/mosquitto-2.1.2-default.log", 20, "mosquitto", "the newer wording"},
    {"mosquitto/mosquitto-2.1.2.log", 20, "mosquitto", "the newer wording, every level"},
    {"mosquitto/mosquitto-2.1.2-all.log", 20, "mosquitto", "the newer wording, every level"},
    {"nanomq/nanomq-0.21.11.jsonl", 20, "nanomq", "its first topics"},
    {"nanomq/nanomq-0.25.5.jsonl", 20, "nanomq", "its later topics"},
    {"rabbitmq/hostile-3.10.log", 20, "rabbitmq", "clients that begin lines"},
    {"rabbitmq/rabbitmq-3.10-debug.log", 20, "rabbitmq", "records over several lines"},
    {"rabbitmq/rabbitmq-3.10.json.log", 20, "rabbitmq", "JSON lines, but not emqx's"},
    {"rabbitmq/rabbitmq-4.log", 20, "rabbitmq", "the newer wording"},
    {"rabbitmq/rabbitmq-4.3.6.log", 20, "rabbitmq", "the default level"},
    {"rabbitmq/rabbitmq-4.3.6-debug.log", 20, "rabbitmq", "every level"},
    {"rabbitmq/rabbitmq-4.3.6-debug.json.log", 20, "rabbitmq", "every level, JSON lines"},
    {"rmqtt/every-rule.jsonl", kAll, "rmqtt", "emqx knows half of its events"},
    {"rmqtt/rmqtt.jsonl", 20, "rmqtt", "topics that are also emqx's"},
    {"tbmq/every-rule.log", 20, "tbmq", "every line it writes"},
    {"tbmq/tbmq.log", 20, "tbmq", "eight lines"},
};

TEST(ProfileDetector, TellsEveryRecording) {
  for (const RecordingCase& c : kRecordings) {
    SCOPED_TRACE(std::string(c.file) + ": " + c.why);
    const Lines lines = lines_of(c.file);
    const bool messages = holds_messages(lines);
    EXPECT_EQ(told_any(std::span(lines).first(std::min(c.lines, lines.size())), messages), c.profile);
    EXPECT_EQ(told_any(std::span(lines).first(std::min(kAll, lines.size())), messages), c.profile);
  }
}

TEST(ProfileDetector, IsTriedOnEveryRecording) {
  std::set<std::string> known;
  for (const RecordingCase& c : kRecordings) known.insert(c.file);
  for (const auto& entry : fs::recursive_directory_iterator(MRE_TESTDATA)) {
    const std::string ending = entry.path().extension().string();
    if (ending != ".log" && ending != ".jsonl") continue;
    EXPECT_TRUE(known.contains(fs::relative(entry.path(), MRE_TESTDATA).string())) << entry.path();
  }
}

TEST(ProfileDetector, AnyFewRecordsTellTheRightProfileOrNone) {
  for (const RecordingCase& c : kRecordings) {
    SCOPED_TRACE(c.file);
    const Lines lines = lines_of(c.file);
    const bool messages = holds_messages(lines);
    const std::string own = fs::path(c.file).parent_path().string();
    const std::size_t step = std::max<std::size_t>(1, lines.size() / 40);
    for (const std::size_t few : {8U, 20U}) {
      for (std::size_t from = 0; from + few <= lines.size(); from += step) {
        const std::string profile = told_any(std::span(lines).subspan(from, few), messages);
        EXPECT_TRUE(profile.empty() || profile == own) << few << " from " << from << ": " << profile;
      }
    }
  }
}

TEST(ProfileDetector, BeginsInTheMiddleOfALine) {
  for (const RecordingCase& c : kRecordings) {
    Lines lines = lines_of(c.file);
    if (holds_messages(lines)) continue;
    SCOPED_TRACE(c.file);
    lines.resize(std::min(c.lines, lines.size()));
    const std::string whole = lines.front();
    for (const std::size_t cut : {std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
      lines.front() = whole.substr(cut);
      EXPECT_EQ(told(lines), c.profile) << "cut at " << cut;
    }
  }
}

// Also for the brokers that no recording is there of.
TEST(ProfileDetector, TellsAProfileByItsOwnExamples) {
  for (const auto& profile : candidates()) {
    for (const SourceKind kind : {SourceKind::log, SourceKind::mqtt}) {
      if (!profile->source(kind).supported) continue;
      // All examples of such a profile have one prefix: each would go on from the one before.
      if (profile->repeats_prefix) continue;
      SCOPED_TRACE(profile->name + " " + std::string(to_string(kind)));
      ProfileDetector detector(candidates(), kind);
      for (const Rule& rule : profile->rules) {
        for (const Example& example : rule.examples) {
          const bool message = !example.input.topic.empty();
          if (example.counterexample || message != (kind == SourceKind::mqtt)) continue;
          detector.add({example.input.payload, example.input.topic, example.input.retained});
        }
      }
      if (detector.records() == 0) continue;
      EXPECT_EQ(verdict_of(detector), profile->name) << detector.standing();
    }
  }
}

Lines repeat(const Lines& lines, std::size_t count) {
  Lines all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(lines[i % lines.size()]);
  return all;
}

Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Lines kMosquitto = {"1700000000: New client connected from 192.0.2.1:5000 as c1 (p5, c1, k60).",
                          "1700000000: Sending CONNACK to c1 (0, 0)", "1700000009: Client c1 disconnected."};
const Lines kUnknown = {"22 Nov 10:00:00 somebroker: a client came", "22 Nov 10:00:01 somebroker: it left"};

TEST(ProfileDetector, DecidesOnAClearMajorityOnly) {
  const Lines flashmq = lines_of("flashmq/flashmq-1.26.2.log");
  const Lines rabbitmq = lines_of("rabbitmq/rabbitmq-4.log");
  Lines random;
  std::mt19937 generator(7);  // NOLINT: the same text each time
  for (int i = 0; i < 500; ++i) {
    std::string& line = random.emplace_back();
    for (auto j = generator() % 120; j > 0; --j) line += static_cast<char>(generator() % 256);
  }
  Lines wrapped;
  for (const std::string& line : repeat(kMosquitto, 20)) {
    wrapped.push_back(R"({"log":")" + line + R"(\n","stream":"stdout","time":"2026-11-22T04:54:59Z"})");
  }
  Lines imitated;
  for (const std::string& line : repeat(flashmq, 20)) {
    imitated.push_back("1700000000: New client connected from 192.0.2.1:5000 as " + line.substr(0, 60) +
                       " (p5, c1, k60).");
  }
  const struct {
    const char* why;
    Lines lines;
    const char* profile;
  } cases[] = {
      {"nothing", {}, ""},
      {"empty lines", repeat({""}, 50), ""},
      {"random bytes", random, ""},
      {"a broker that nobody knows", repeat(kUnknown, 200), ""},
      {"the right lines, but few", repeat(kMosquitto, 2), ""},
      {"enough of them", repeat(kMosquitto, 3), "mosquitto"},
      {"among few lines an unknown one", repeat(kMosquitto, 6) + repeat(kUnknown, 1), ""},
      {"among more", repeat(kMosquitto, 7) + repeat(kUnknown, 1), "mosquitto"},
      {"empty lines between are nothing", repeat({kMosquitto[0], "", "", ""}, 40), "mosquitto"},
      {"lines in an envelope that was not taken off", wrapped, ""},
      {"client ids that hold another broker's lines", imitated, "mosquitto"},
      {"half of the lines are unknown", repeat(kMosquitto, 20) + repeat(kUnknown, 20), ""},
      {"fewer are", repeat(kMosquitto, 20) + repeat(kUnknown, 19), "mosquitto"},
      {"an unknown broker whose client begins lines", repeat(kUnknown, 21) + repeat(kMosquitto, 20), ""},
      {"a client that forged one line of twenty", repeat(rabbitmq, 19) + repeat(kMosquitto, 1), "rabbitmq"},
      {"a client that forged a third", repeat(rabbitmq, 20) + repeat(kMosquitto, 10), ""},
      {"a client that forged nine of ten does not win", repeat(rabbitmq, 20) + repeat(kMosquitto, 180), ""},
      {"two brokers in one log", repeat(flashmq, 100) + repeat(kMosquitto, 100), ""},
  };
  for (const auto& c : cases) EXPECT_EQ(told(c.lines), c.profile) << c.why;
}

TEST(ProfileDetector, LearnsNothingFromMessagesThatAnybodyMaySend) {
  const std::string payload =
      R"({"event":"client.connack","clientid":"c","proto_ver":5,"reason_code":"banned"})";
  const struct {
    const char* why;
    const char* topic;
    bool retained;
  } cases[] = {
      {"a topic of clients", "exporter/client_connack", false},
      {"a state of long ago", "$SYS/brokers/n/clients/c/connected", true},
  };
  for (const auto& c : cases) {
    ProfileDetector detector(candidates(), SourceKind::mqtt);
    for (int i = 0; i < 50; ++i) detector.add({payload, c.topic, c.retained});
    EXPECT_EQ(detector.records(), 0U) << c.why;
    EXPECT_EQ(verdict_of(detector), "") << c.why;
  }
}

TEST(ProfileDetector, ForgetsABadStart) {
  ProfileDetector detector(candidates(), SourceKind::log);
  const auto add = [&](const Lines& lines) {
    for (const std::string& line : lines) detector.add({line, {}, false});
  };
  add(repeat(kUnknown, ProfileDetector::kMemory));
  EXPECT_EQ(verdict_of(detector), "");
  EXPECT_EQ(detector.standing(), "of 1000 records no profile knows any");
  add(repeat(kMosquitto, 20));
  EXPECT_EQ(verdict_of(detector), "mosquitto");
  EXPECT_EQ(detector.verdict()->reason, "20 of 20 records are its own, no other profile knows any");
  EXPECT_EQ(detector.records(), ProfileDetector::kMemory + 20);
}

TEST(ProfileDetector, SaysWhoIsNext) {
  ProfileDetector detector(candidates(), SourceKind::log);
  for (const std::string& line : repeat(kMosquitto, 19) + repeat(lines_of("flashmq/flashmq-1.26.2.log"), 1))
    detector.add({line, {}, false});
  ASSERT_TRUE(detector.verdict());
  EXPECT_EQ(detector.verdict()->reason, "19 of 20 records are its own, next best flashmq with 1");
}

TEST(DetectableProfiles, AreTheEmbeddedOnesAndTheUsers) {
  const auto& known = candidates();
  EXPECT_EQ(known.size(), embedded_profiles().size() - 1);
  EXPECT_EQ(std::ranges::count_if(known, [](const auto& p) { return p->name == "generic"; }), 0);

  const std::string file = testing::TempDir() + "/mine.yaml";
  std::string yaml;
  for (const auto& [name, text] : embedded_profiles()) {
    if (name == "mosquitto.yaml") yaml = text;
  }
  std::ofstream(file) << yaml;
  const std::string files[] = {file};
  const auto replaced = detectable_profiles(files);
  ASSERT_TRUE(replaced) << replaced.error().what;
  EXPECT_EQ(replaced->size(), known.size()) << "it takes the place of its namesake";
  EXPECT_EQ(replaced->front()->file, file);

  const std::string missing[] = {testing::TempDir() + "/no-such.yaml"};
  ASSERT_FALSE(detectable_profiles(missing));
}

}  // namespace
}  // namespace mre
