// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>

#include "exporter/recording/event_line.h"
#include "tests/profile/detecting.h"
#include "tests/support/effort.h"
#include "tests/support/profile_files.h"

// Every recording is detected as its broker, from few records, from any position in it.
namespace mre {
namespace {

namespace fs = std::filesystem;
using test::candidates;
using test::detect_profile;
using test::Lines;
using test::lines_of;
using test::verdict_of;

/// The same for recorded messages, one JSON object a line.
std::string detect_messages(std::span<const std::string> lines) {
  ProfileDetector detector(candidates(), SourceKind::mqtt);
  EventLine messages;
  for (const std::string& line : lines) {
    if (const auto record = messages.read(line)) detector.add(*record);
  }
  return verdict_of(detector);
}

bool holds_messages(const Lines& lines) { return EventLine().read(lines.front()).has_value(); }

std::string detected_profile(std::span<const std::string> lines, bool messages) {
  return messages ? detect_messages(lines) : detect_profile(lines);
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
    {"amqtt/amqtt-0.12.1.log", 20, "amqtt", "from its first client"},
    {"artemis/artemis-crlf.log", 20, "artemis", "the layout that its profile asks for"},
    {"artemis/artemis-2.40.0.log", 20, "artemis", "from its start"},
    {"artemis/artemis-default-layout.log", kAll, "",
     "clients began 4 of its 18 lines with those of a mosquitto: the truth cannot be known"},
    {"aws-iot/aws-iot.jsonl", 20, "aws-iot", "topics below $aws"},
    {"aws-iot/every-rule.jsonl", 20, "aws-iot", "with values that its rules refuse"},
    {"ejabberd/ejabberd-23.01.log", 20, "ejabberd", "from its start"},
    {"ejabberd/ejabberd-26.07.log", 20, "ejabberd", "a newer release"},
    {"ejabberd/hostile-23.01.log", 20, "ejabberd", "clients that begin lines"},
    {"emqx/emqx-4.4.19-debug.log", 20, "emqx", "JSON lines"},
    {"emqx/emqx-5.1.0-debug.log", 40, "emqx", "15 of its first 20 lines are about its start alone"},
    {"emqx/emqx-4.4.19.jsonl", 20, "emqx", "its topics are also rmqtt's, which knows some of its events"},
    {"emqx/emqx-5.1.0.jsonl", 20, "emqx", "half of them on a topic where anybody may publish"},
    {"emqx/emqx-4.4.19-warning.log", kAll, "emqx", "a third is about clients, but it looks like EMQX's"},
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
    {"moquette/moquette-0.17.log", 59, "moquette", "it begins with lines about its start"},
    {"mosquitto/ends-1.4.15-default.log", 20, "mosquitto", "the oldest wording"},
    {"mosquitto/ends-1.5.11-debug.log", 20, "mosquitto", "the oldest wording, every level"},
    {"mosquitto/ends-1.6.15-default.log", 20, "mosquitto", "the wording of 1.6"},
    {"mosquitto/ends-2.0.5-default.log", 20, "mosquitto", "a bridge, a Unix socket, TLS"},
    {"mosquitto/ends-2.0.22-default.log", 20, "mosquitto", "a bridge, a Unix socket, TLS"},
    {"mosquitto/ends-2.1.2-debug.log", 20, "mosquitto", "the same, every level"},
    {"mosquitto/ends-2.1.2-default.log", 20, "mosquitto", "a bridge, a Unix socket, TLS, PROXY headers"},
    {"mosquitto/hostile-anonymous.log", 20, "mosquitto", "clients whose names imitate it"},
    {"mosquitto/hostile-auth.log", 20, "mosquitto", "clients whose names imitate it"},
    {"mosquitto/home-assistant-addon.log", kAll, "mosquitto", "lines of a plugin outnumber the broker's"},
    {"mosquitto/mosquitto-2.0.11-default.log", 20, "mosquitto", "the default level"},
    {"mosquitto/mosquitto-2.0.11.log", 20, "mosquitto", "every level"},
    {"mosquitto/mosquitto-2.0.21-all.log", 20, "mosquitto", "every level"},
    {"mosquitto/mosquitto-2.1.2-default.log", 20, "mosquitto", "the newer wording"},
    {"mosquitto/mosquitto-2.1.2.log", 20, "mosquitto", "the newer wording, every level"},
    {"mosquitto/mosquitto-2.1.2-all.log", 20, "mosquitto", "the newer wording, every level"},
    {"nanomq/nanomq-0.21.11.jsonl", 20, "nanomq", "its first topics"},
    {"nanomq/nanomq-0.25.5.jsonl", 20, "nanomq", "its later topics"},
    {"nanomq/nanomq-0.25.5-warn.log", 200, "nanomq", "its log: one line in five is of its rules"},
    {"rabbitmq/hostile-3.10.log", 20, "rabbitmq", "clients that begin lines"},
    {"rabbitmq/rabbitmq-3.10-debug.log", 20, "rabbitmq", "records over several lines"},
    {"rabbitmq/rabbitmq-3.10.json.log", 20, "rabbitmq", "JSON lines, but not emqx's"},
    {"rabbitmq/rabbitmq-4.log", 20, "rabbitmq", "the newer wording"},
    {"rabbitmq/rabbitmq-4.3.6.log", 20, "rabbitmq", "the default level"},
    {"rabbitmq/rabbitmq-4.3.6-debug.log", 20, "rabbitmq", "every level"},
    {"rabbitmq/rabbitmq-4.3.6-debug.json.log", 20, "rabbitmq", "every level, JSON lines"},
    {"rmqtt/every-rule.jsonl", kAll, "rmqtt", "emqx knows half of its events"},
    {"rmqtt/rmqtt.jsonl", 20, "rmqtt", "topics that are also emqx's"},
    {"rumqttd/every-rule.log", kAll, "rumqttd", "every line it writes"},
    {"rumqttd/rumqttd-0.20.0.log", 20, "rumqttd", "records of several lines"},
    {"tbmq/every-rule.log", 20, "tbmq", "every line it writes"},
    {"tbmq/tbmq.log", 20, "tbmq", "eight lines"},
};

TEST(ProfileDetector, DetectsEveryRecording) {
  for (const RecordingCase& c : kRecordings) {
    SCOPED_TRACE(std::string(c.file) + ": " + c.why);
    const Lines lines = lines_of(c.file);
    const bool messages = holds_messages(lines);
    EXPECT_EQ(detected_profile(std::span(lines).first(std::min(c.lines, lines.size())), messages), c.profile);
    EXPECT_EQ(detected_profile(std::span(lines).first(std::min(kAll, lines.size())), messages), c.profile);
  }
}

TEST(ProfileDetector, CoversEveryRecording) {
  std::set<std::string> known;
  for (const RecordingCase& c : kRecordings) known.insert(c.file);
  for (const auto& entry : fs::recursive_directory_iterator(MRE_TESTDATA)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".log" && extension != ".jsonl") continue;
    EXPECT_TRUE(known.contains(fs::relative(entry.path(), MRE_TESTDATA).string())) << entry.path();
  }
}

/// Several parts of the recordings, for tests that take long together.
constexpr std::size_t kParts = 6;
class PartOfTheRecordings : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(ProfileDetector, PartOfTheRecordings, testing::Range(std::size_t{0}, kParts));

TEST_P(PartOfTheRecordings, FewRecordsGiveTheRightProfileOrNone) {
  for (std::size_t i = GetParam(); i < std::size(kRecordings); i += kParts) {
    const RecordingCase& c = kRecordings[i];
    SCOPED_TRACE(c.file);
    const Lines lines = lines_of(c.file);
    const bool messages = holds_messages(lines);
    const std::string own = fs::path(c.file).parent_path().string();
    const std::size_t step = std::max<std::size_t>(1, lines.size() / (10 * test::effort()));
    for (const std::size_t few : {8U, 20U}) {
      for (std::size_t from = 0; from + few <= lines.size(); from += step) {
        const std::string profile = detected_profile(std::span(lines).subspan(from, few), messages);
        EXPECT_TRUE(profile.empty() || profile == own) << few << " from " << from << ": " << profile;
      }
    }
  }
}

TEST(ProfileDetector, CanStartInTheMiddleOfALine) {
  for (const RecordingCase& c : kRecordings) {
    Lines lines = lines_of(c.file);
    if (holds_messages(lines)) continue;
    SCOPED_TRACE(c.file);
    lines.resize(std::min(c.lines, lines.size()));
    const std::string whole = lines.front();
    for (const std::size_t cut : {std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
      lines.front() = whole.substr(cut);
      EXPECT_EQ(detect_profile(lines), c.profile) << "cut at " << cut;
    }
  }
}

// Also for the brokers that no recording is there of.
TEST(ProfileDetector, DetectsAProfileByItsExamples) {
  int detected_by_examples = 0;
  for (const auto& candidate : candidates()) {
    const auto profile = test::profile_from_file(candidate->name);
    for (const SourceKind kind : kProfiledKinds) {
      if (!profile->source(kind).supported) continue;
      // All examples of such a profile have one prefix: each would continue from the one before.
      if (std::ranges::any_of(profile->prefixes, &Prefix::repeats)) continue;
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
      EXPECT_EQ(verdict_of(detector), profile->name) << detector.explanation();
      ++detected_by_examples;
    }
  }
  EXPECT_GE(detected_by_examples, 20);
}

}  // namespace
}  // namespace mre
