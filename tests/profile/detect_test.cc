// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/detect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/profile/detecting.h"
#include "tests/support/profile_files.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using test::candidates;
using test::detect_profile;
using test::Lines;
using test::lines_of;
using test::verdict_of;

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
/// What a plugin of Mosquitto writes into its log.
const Lines kPlugin = {
    R"(time="2023-11-28T21:52:20+01:00" level=debug msg="checking auth cache for mosquitto")",
    R"(time="2023-11-28T21:52:20+01:00" level=debug msg="found in cache: mosquitto")"};
/// A RabbitMQ that starts: none of its profile's records.
const Lines kStart = {"2026-11-22 09:40:22.017864+00:00 [info] <0.9.0> Time to start RabbitMQ: 12 s"};
/// Lines of Mosquitto that are about no code.
const Lines kNothing = {"1700000000: No will message specified."};
const Lines kUnknown = {"22 Nov 10:00:00 somebroker: a client came", "22 Nov 10:00:01 somebroker: it left"};

TEST(ProfileDetector, NamesAProfileWithKnownMessagesAfterAnUnknownPrefix) {
  const struct {
    const char* why;
    Lines lines;
    const char* profile;
  } cases[] = {
      {"nothing", {}, ""},
      {"its own lines", kMosquitto, ""},
      {"its messages after words that is unknown",
       {"<mqtt-1> New client connected from 192.0.2.1:5000 as c1 (p5, c1, k60).",
        "<mqtt-1> Sending CONNACK to c1 (0, 0)", "<mqtt-1> Client c1 disconnected, not authorised."},
       "mosquitto"},
      {"too few", {"<mqtt-1> Sending CONNACK to c1 (0, 0)", "<mqtt-1> Sending CONNACK to c2 (0, 0)"}, ""},
      {"among as many others", kUnknown + kUnknown + Lines(4, "<mqtt-1> Sending CONNACK to c1 (0, 0)"), ""},
      {"lines of an unknown program", kUnknown + kUnknown, ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    ProfileDetector detector(candidates(), SourceKind::log);
    for (const std::string& line : c.lines) detector.add({line, {}, false});
    const Profile* const near = detector.near_miss();
    EXPECT_EQ(near == nullptr ? "" : near->name, c.profile);
    EXPECT_EQ(detector.explanation().find("begin in a way that the profile mosquitto does not know") !=
                  std::string::npos,
              near != nullptr);
  }
}

TEST(ProfileDetector, DecidesOnlyOnAClearMajority) {
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
      {"more lines of a plugin than of the broker", repeat(kPlugin, 20) + repeat(kMosquitto, 10),
       "mosquitto"},
      {"nothing", {}, ""},
      {"empty lines", repeat({""}, 50), ""},
      {"random bytes", random, ""},
      {"a broker that is unknown", repeat(kUnknown, 200), ""},
      {"the right lines, but few", repeat(kMosquitto, 2), ""},
      {"enough of them", repeat(kMosquitto, 3), "mosquitto"},
      {"among few lines an unknown one", repeat(kMosquitto, 6) + repeat(kUnknown, 1), ""},
      {"among more", repeat(kMosquitto, 7) + repeat(kUnknown, 1), "mosquitto"},
      {"empty lines between are nothing", repeat({kMosquitto[0], "", "", ""}, 40), "mosquitto"},
      {"lines in an envelope that was not removed", wrapped, ""},
      {"client ids that hold another broker's lines", imitated, "mosquitto"},
      {"a start of which little is about clients", repeat(kStart, 60) + rabbitmq + rabbitmq, "rabbitmq"},
      {"a start of which nearly nothing is", repeat(kStart, 300) + rabbitmq + rabbitmq, ""},
      {"half of the lines are unknown", repeat(kMosquitto, 20) + repeat(kUnknown, 20), ""},
      {"fewer are", repeat(kMosquitto, 20) + repeat(kUnknown, 19), "mosquitto"},
      {"an unknown broker whose client begins lines", repeat(kUnknown, 21) + repeat(kMosquitto, 20), ""},
      {"a client that forged one line of twenty", repeat(rabbitmq, 19) + repeat(kMosquitto, 1), "rabbitmq"},
      {"a client that forged a third", repeat(rabbitmq, 20) + repeat(kMosquitto, 10), ""},
      {"a client that forged nine of ten does not win", repeat(rabbitmq, 20) + repeat(kMosquitto, 180), ""},
      {"a plugin wrote most lines", repeat(kPlugin, 161) + repeat(kMosquitto, 20), "mosquitto"},
      {"a plugin wrote all lines", repeat(kPlugin, 500), ""},
      {"a plugin, and lines of the broker without events",
       repeat(kMosquitto, 1) + repeat(kPlugin, 161) + repeat(kNothing, 60) + repeat(kMosquitto, 20),
       "mosquitto"},
      {"many lines whose time is written as the broker writes it, and fewer that are known",
       repeat(kMosquitto, 1) + repeat({"1700000000: a line of whom?"}, 200) + repeat(kMosquitto, 20), ""},
      {"two brokers in one log", repeat(flashmq, 100) + repeat(kMosquitto, 100), ""},
  };
  for (const auto& c : cases) EXPECT_EQ(detect_profile(c.lines), c.profile) << c.why;
}

TEST(ProfileDetector, IgnoresMessagesThatClientsMaySend) {
  const std::string payload =
      R"({"event":"client.connack","clientid":"c","proto_ver":5,"reason_code":"banned"})";
  // Those of a broker that is not at AWS.
  std::vector<std::shared_ptr<const Profile>> usual;
  std::ranges::copy_if(candidates(), std::back_inserter(usual),
                       [](const auto& p) { return p->name != "aws-iot"; });
  const struct {
    const char* why;
    const char* topic;
    bool retained;
  } cases[] = {
      {"a topic of clients", "exporter/client_connack", false},
      {"a state of long ago", "$SYS/brokers/n/clients/c/connected", true},
      {"a name that only AWS reserves", "$aws/events/presence/disconnected/c", false},
      {"a name that no standard reserves", "$events/client_connack", false},
      {"the reserved name without its level", "$SYS", false},
      {"a longer name", "$SYSTEM/brokers/n/clients/c/connected", false},
      {"other letters", "$sys/brokers/n/clients/c/connected", false},
      {"a shared subscription's name", "$share/g/$SYS/brokers/n/clients/c/connected", false},
  };
  for (const auto& c : cases) {
    ProfileDetector detector(usual, SourceKind::mqtt);
    for (int i = 0; i < 50; ++i) detector.add({payload, c.topic, c.retained});
    EXPECT_EQ(detector.records(), 0U) << c.why;
    EXPECT_EQ(verdict_of(detector), "") << c.why;
  }
}

TEST(ProfileDetector, ForgetsUntypicalFirstRecords) {
  ProfileDetector detector(candidates(), SourceKind::log);
  const auto add = [&](const Lines& lines) {
    for (const std::string& line : lines) detector.add({line, {}, false});
  };
  add(repeat(kUnknown, ProfileDetector::kMemory));
  EXPECT_EQ(verdict_of(detector), "");
  EXPECT_EQ(detector.explanation(), "of 1000 records no profile knows any");
  add(repeat(kMosquitto, 20));
  EXPECT_EQ(verdict_of(detector), "mosquitto");
  EXPECT_EQ(detector.verdict()->reason, "20 of 20 records are its own, no other profile knows any");
  EXPECT_EQ(detector.records(), ProfileDetector::kMemory + 20);
}

TEST(ProfileDetector, NamesTheSecondBestProfile) {
  ProfileDetector detector(candidates(), SourceKind::log);
  for (const std::string& line : repeat(kMosquitto, 19) + repeat(lines_of("flashmq/flashmq-1.26.2.log"), 1))
    detector.add({line, {}, false});
  ASSERT_TRUE(detector.verdict());
  EXPECT_EQ(detector.verdict()->reason, "19 of 20 records are its own, next best flashmq with 1");
}

TEST(DetectableProfiles, AreTheEmbeddedAndTheConfiguredOnes) {
  const auto& known = candidates();
  EXPECT_EQ(known.size(), embedded_profiles().size() - 1);
  EXPECT_EQ(std::ranges::count_if(known, [](const auto& p) { return p->name == "generic"; }), 0);

  const test::TempDir dir;
  std::string yaml;
  for (const auto& [name, text] : test::profile_files()) {
    if (name == "mosquitto.yaml") yaml = text;
  }
  const std::string file = dir.write("mine.yaml", yaml);
  const std::string files[] = {file};
  const auto replaced = detectable_profiles(files);
  ASSERT_TRUE(replaced) << replaced.error().what;
  EXPECT_EQ(replaced->size(), known.size()) << "it replaces the one of the same name";
  EXPECT_EQ(replaced->front()->file, file);

  const std::string missing[] = {dir.file("no-such.yaml")};
  ASSERT_FALSE(detectable_profiles(missing));
}

}  // namespace
}  // namespace mre
