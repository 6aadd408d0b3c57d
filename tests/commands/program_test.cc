// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdint>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "tests/support/poll.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

// The real program: exit statuses, where text goes, and the life of `serve`.

namespace mre {
namespace {

constexpr const char* kLog =
    "1700000000: New client connected from 192.0.2.1:5000 as c1 (p5, c1, k60).\n"
    "1700000000: Sending CONNACK to c1 (0, 0)\n"
    "1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n";
constexpr const char* kRefused =
    "packet=\"CONNACK\",direction=\"sent\",protocol=\"5.0\",code=\"0x87\",reason=\"not_authorized\",class="
    "\"error\","
    "evidence=\"explicit\"} 1\n";

struct Ended {
  int status;
  std::string output;  ///< Both streams.
};

Ended run(const test::TempDir& dir, std::vector<std::string> words) {
  words.insert(words.begin(), MRE_BINARY);
  const int status = test::run(words, dir.file("output"));
  return {status, dir.read("output")};
}

TEST(Program, RefusesAnInvalidConfigurationBeforeAnythingIsCreated) {
  const test::TempDir dir;
  const std::string log = dir.write("m.log", kLog);
  const std::string taken = dir.write("taken.yaml",
                                      "web: {listen_addresses: [\"127.0.0.1:1\", \"127.0.0.1:1\"]}\n"
                                      "brokers: [{name: b, profile: mosquitto, sources: "
                                      "[{name: l, log: {path: /l}}]}]\n");
  const struct {
    const char* why;
    std::vector<std::string> words;
    std::string says;
  } cases[] = {
      {"an address without a colon", {"--web.listen-address=1883"}, "1883"},
      {"an address that no interface has",
       {"--web.listen-address=192.0.2.1:1"},
       "cannot listen on 192.0.2.1:1"},
      {"the same address twice",
       {"--web.listen-address=127.0.0.1:1", "--web.listen-address=127.0.0.1:1"},
       "is configured twice"},
      {"a path without a slash", {"--web.telemetry-path=metrics"}, "must start with"},
      {"a path of another page", {"--web.telemetry-path=/-/ready"}, "is the path of another page"},
  };
  for (const auto& c : cases) {
    std::vector<std::string> words = {"--broker.profile=mosquitto", "--log.path", log, "--state.dir",
                                      dir.file("state")};
    words.insert(words.end(), c.words.begin(), c.words.end());
    const Ended ended = run(dir, words);
    EXPECT_EQ(ended.status, 2) << c.why;
    EXPECT_NE(ended.output.find(c.says), std::string::npos) << c.why << "\n" << ended.output;
    EXPECT_FALSE(std::ifstream(dir.file("state")).good()) << c.why << ": it has made the directory";
  }
  EXPECT_NE(run(dir, {"--config.file", taken}).output.find("is configured twice"), std::string::npos);
  const std::string claims =
      dir.write("claims.yaml", "state: {dir: " + dir.file("state") +
                                   "}\n"
                                   "brokers: [{name: b, profile: mosquitto, authority: {PUBREL: l}, sources: "
                                   "[{name: l, log: {path: /l}}]}]\n");
  const Ended ended = run(dir, {"--config.file", claims});
  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.output.find("claims.yaml:2:"), std::string::npos) << ended.output;
  EXPECT_FALSE(std::ifstream(dir.file("state")).good()) << "it has made the directory";
}

TEST(Program, EndsWithTheDocumentedStatus) {
  const test::TempDir dir;
  const std::string log = dir.write("m.log", kLog);
  const std::string docker = dir.write(
      "docker.log", R"({"log":"1700000001: Sending CONNACK to 192.0.2.2 (0, ","stream":"stdout","time":"1"})"
                    "\n"
                    R"({"log":"135)\n","stream":"stdout","time":"1"})"
                    "\n");
  const std::string twice = dir.write("twice.log", std::string(kLog) + kLog);
  const std::string one = dir.write("one.log", "1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n");
  std::string docker_lines;
  for (int i = 0; i < 6; ++i)
    docker_lines += R"({"log":"1700000001: Client c1 disconnected.\n","stream":"stdout","time":"1"})"
                    "\n";
  const std::string wrapped = dir.write("wrapped.log", docker_lines);
  std::string mixed_lines;
  for (int i = 0; i < 4; ++i)
    mixed_lines +=
        "mqtt-1  | 1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n"
        "app-1   | 1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n";
  const std::string mixed = dir.write("mixed.log", mixed_lines);
  const std::string packed = dir.write("packed.log", kLog);
  ASSERT_EQ(test::run({"/bin/gzip", packed}, dir.file("gzip.out")), 0);
  const std::string empty = dir.write("empty.log", "");
  const std::string odd = dir.write("odd.log", "x\ny\nz\n");
  const std::string timeless = dir.write("timeless.log", "Client c1 disconnected.\n");
  const std::string json = dir.write(
      "emqx.json", R"({"time":1669104640317704,"level":"warning","msg":"x","topic":"a","payload":"p"})"
                   "\n");
  const std::string bad = dir.write("bad.yaml", "brokers: [{nam: x}]\n");
  const std::string reads = "brokers: [{name: b, profile: mosquitto, sources: [{name: l, log: {path: ";
  const std::string readable = dir.write("readable.yaml", reads + log + "}}]}]\n");
  const std::string missing = dir.write("missing.yaml", reads + dir.file("none") + "}}]}]\n");
  const struct {
    const char* why;
    std::vector<std::string> words;
    int status;
    std::string says;
  } cases[] = {
      {"nothing to do", {}, 2, "mqtt-reason-exporter --log.path"},
      {"a version", {"--version"}, 0, "mqtt-reason-exporter, version "},
      {"the word", {"version"}, 0, "mqtt-reason-exporter, version "},
      {"help of a command", {"help", "replay"}, 0, "Usage: mqtt-reason-exporter replay [FLAGS] FILE..."},
      {"help", {"replay", "--help"}, 0, "Usage: mqtt-reason-exporter replay [FLAGS] FILE..."},
      {"an unknown flag", {"--nope"}, 2, "unknown flag \"--nope\""},
      {"a bad config", {"--config.file", bad}, 2, "bad.yaml:1:12: unknown key \"nam\""},
      {"the same, checked", {"check", "config", bad}, 2, "bad.yaml:1:12: unknown key \"nam\""},
      {"the reference",
       {"check", "config", MRE_SOURCE_DIR "/config/exporter.yaml"},
       0,
       ": ok, 1 broker, 3 sources\n"},
      {"sources that are up", {"check", "config", "--probe", readable}, 0, "1 source, 1 up\n"},
      {"a source that is down", {"check", "--probe", "config", missing}, 1, "    down: waiting for "},
      {"a bad config, probed", {"check", "config", bad, "--probe"}, 2, "bad.yaml:1:12: unknown key \"nam\""},
      {"a probe of a profile", {"check", "profile", bad, "--probe"}, 2, "--probe is for check config only"},
      {"a profile",
       {"check", "profile", MRE_SOURCE_DIR "/config/profiles/mosquitto.yaml"},
       0,
       "counterexamples passed\n"},
      {"a profile that is a config", {"check", "profile", bad}, 2, "bad.yaml:"},
      {"a lookup", {"lookup", "0x87"}, 0, "Not authorized"},
      {"a lookup in vain", {"lookup", "xyzzy"}, 1, ""},
      {"a lookup in JSON", {"lookup", "--format=json", "0x87"}, 0, R"("reason":"not_authorized")"},
      {"a lookup in vain in JSON", {"lookup", "--format=json", "xyzzy"}, 1, "[]"},
      {"events of no exporter",
       {"events", "--url=http://127.0.0.1:1"},
       2,
       "http://127.0.0.1:1/api/v1/events?limit=20: "},
      {"brokers", {"list", "brokers"}, 0, "mosquitto"},
      {"metrics", {"list", "metrics"}, 0, "mqtt_reason_codes_total"},
      {"codes", {"list", "codes", "--format=json"}, 0, "0x87"},
      {"an unknown list", {"list", "code"}, 2, "did you mean \"codes\"?"},
      {"a replay", {"replay", "--broker.profile=mosquitto", log}, 0, kRefused},
      {"a replay of Docker's file", {"replay", "--broker.profile=mosquitto", docker}, 0, kRefused},
      {"the same as lines that are no envelope",
       {"replay", "--broker.profile=mosquitto", "--log.envelope=cri", docker},
       0,
       "2 malformed (2 envelope)"},
      {"its summary", {"replay", "--broker.profile=mosquitto", log}, 0, "3 records: "},
      {"explained",
       {"replay", "--broker.profile=mosquitto", "--explain", log},
       0,
       "    CONNACK sent 5.0 0x87 explicit"},
      {"a replay of nothing", {"replay", "--broker.profile=mosquitto", dir.file("none")}, 2, "No such file"},
      {"a replay without a profile", {"replay", twice}, 0, "broker=\"mosquitto\",source=\"log\""},
      {"its series in JSON",
       {"replay", "--broker.profile=mosquitto", "--output=json", log},
       0,
       R"({"name":"mqtt_reason_codes_total","labels":{"broker":"mosquitto","source":"log","packet":"CONNACK",)"
       R"("direction":"sent","protocol":"5.0","code":"0x87","reason":"not_authorized","class":"error",)"
       R"("evidence":"explicit"},"value":1})"},
      {"its events as a table",
       {"replay", "--broker.profile=mosquitto", "--output=markdown", log},
       0,
       "| CONNACK sent | 5.0 | 0x87 | not_authorized | error | explicit | 1 |\n"},
      {"a format of records",
       {"replay", "--broker.profile=mosquitto", "--output=json", "--explain", log},
       2,
       "--output is for the counts: remove it, or remove --explain"},
      {"errors alone, with their time",
       {"replay", "--broker.profile=mosquitto", "--explain", "--only=error", log},
       0,
       "matched      connack-sent             2023-11-14T22:13:21.000Z 1700000001: Sending CONNACK to "
       "192.0.2.2 (0, "
       "135)\n    CONNACK sent 5.0 0x87 explicit  not_authorized\n3 records: "},
      {"a part of the time",
       {"replay", "--broker.profile=mosquitto", "--since=2023-11-14T22:13:21Z", log},
       0,
       "1 reason code, "},
      {"what is left out of it",
       {"replay", "--broker.profile=mosquitto", "--until=2023-11-14T22:13:21Z", log},
       0,
       "Outside the range of time: 1 record\n"},
      {"an invalid time",
       {"replay", "--broker.profile=mosquitto", "--since=yesterday", log},
       2,
       "--since: \"yesterday\" is not a time: write one such as "},
      {"times in the wrong order",
       {"replay", "--since=2023-11-15", "--until=2023-11-14", log},
       2,
       "--since is not before --until"},
      {"times for records without one",
       {"replay", "--broker.profile=mosquitto", "--since=1h", timeless},
       2,
       "--since and --until need a time in the records"},
      {"its choice",
       {"replay", "--explain", twice},
       0,
       "profile mosquitto, because in source log 6 of 6 records are its own, no other profile knows any\n"},
      {"too little to choose by",
       {"replay", one},
       2,
       "one.log: cannot detect the broker: name it with --broker.profile "},
      {"no broker's lines", {"replay", odd}, 2, "In source log: of 3 records "},
      {"a replay in an envelope", {"replay", wrapped}, 0, "envelope of the lines: docker\n"},
      {"one of several services",
       {"replay", "--broker.profile=mosquitto", mixed},
       0,
       "service of the broker: mqtt; lines of other services are not read\n"},
      {"their records",
       {"replay", "--broker.profile=mosquitto", mixed},
       0,
       "6 matched, 0 ignored, 2 unrecognised"},
      {"a packed log", {"replay", "--broker.profile=mosquitto", packed + ".gz"}, 0, kRefused},
      {"an empty file", {"replay", empty}, 2, "empty.log is empty: there is no record"},
      {"an empty file of a broker that is named",
       {"replay", "--broker.profile=mosquitto", empty},
       0,
       "0 records"},
      {"a log in JSON whose first line has a topic",
       {"replay", "--broker.profile=emqx", "--explain", json},
       0,
       "unrecognised"},
      {"an unknown profile",
       {"--broker.profile=mosqitto", "--log.path", log},
       2,
       "--broker.profile: unknown profile \"mosqitto\": did you mean \"mosquitto\"?"},
      {"the same for a list", {"list", "brokers", "emqxx"}, 2, "did you mean \"emqx\"?"},
      {"a lookup that is misspelt", {"lookup", "autorized"}, 1, "Did you mean authorized?"},
      {"a URL without a scheme", {"--mqtt.url=localhost:1883"}, 2, "--mqtt.url: \"localhost:1883\" is "},
      {"a wrong path of the metrics",
       {"--log.path", log, "--web.telemetry-path=metrics"},
       2,
       "--web.telemetry-path must start with \"/\""},
      {"a missing file of the configuration",
       {"--config.file", dir.file("none")},
       2,
       "No such file or directory"},
      {"a bad address",
       {"--broker.profile=mosquitto", "--log.path", log, "--web.listen-address=nowhere"},
       2,
       "nowhere"},
  };
  for (const auto& c : cases) {
    const Ended ended = run(dir, c.words);
    EXPECT_EQ(ended.status, c.status) << c.why << "\n" << ended.output;
    EXPECT_NE(ended.output.find(c.says), std::string::npos) << c.why << "\n" << ended.output;
  }
}

/// How many heaps glibc's allocator has mapped for arenas other than the first: each is 64 MiB of addresses,
/// of which a part from the start on is in use. 0 with a sanitizer's allocator.
std::size_t mapped_heaps(pid_t pid) {
  constexpr std::uint64_t heap_bytes = 64U << 20U;
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  std::size_t heaps = 0;
  std::uint64_t used_from = 1;
  std::uint64_t used_to = 0;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream row(line);
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::string rights;
    row >> std::hex >> from;
    row.ignore();
    row >> to >> rights;
    if (rights == "rw-p" && from % heap_bytes == 0) {
      used_from = from;
      used_to = to;
    }
    if (rights == "---p" && from == used_to && to - used_from == heap_bytes) ++heaps;
  }
  return heaps;
}

TEST(Program, ManyThreadsShareTwoArenas) {
  const test::TempDir dir;
  constexpr int threads = 6;
  std::string config = "brokers:\n";
  for (int i = 0; i < threads; ++i) {
    config += "  - {name: b" + std::to_string(i) +
              ", profile: mosquitto, sources: [{name: log, log: {path: " + dir.file("missing.log") + "}}]}\n";
  }
  const pid_t pid = test::spawn({MRE_BINARY, "--config.file", dir.write("config.yaml", config),
                                 "--web.listen-address=127.0.0.1:0", "--state.dir", dir.file("state")},
                                dir.file("output"));
  EXPECT_TRUE(test::eventually([&] {
    const std::string output = dir.read("output");
    bool all = true;
    for (int i = 0; i < threads; ++i)
      all = all && output.find("broker b" + std::to_string(i) + ", source log: reads") != std::string::npos;
    return all;
  })) << dir.read("output");
  EXPECT_LE(mapped_heaps(pid), 1U) << "besides the first";
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
}

TEST(Program, ServesUntilItIsStopped) {
  const test::TempDir dir;
  const auto serve = [&](const std::string& address, const std::string& output) {
    return test::spawn({MRE_BINARY, "--broker.profile=mosquitto", "--log.path", dir.file("missing.log"),
                        "--web.listen-address", address, "--state.dir", dir.file("state-" + output)},
                       dir.file(output));
  };
  const pid_t pid = serve("127.0.0.1:0", "first");
  std::smatch address;
  std::string output;
  ASSERT_TRUE(test::eventually([&] {
    output = dir.read("first");
    return std::regex_search(output, address, std::regex("serving http://(127.0.0.1:[0-9]+)/metrics"));
  })) << output;
  EXPECT_NE(output.find("broker mosquitto, source log: reads " + dir.file("missing.log")), std::string::npos)
      << output;

  EXPECT_EQ(test::run({MRE_BINARY, "--broker.profile=mosquitto", "--log.path=/l", "--web.listen-address",
                       address[1]},
                      dir.file("second")),
            2)
      << "the port is taken";
  EXPECT_NE(dir.read("second").find("cannot listen on " + address[1].str()), std::string::npos)
      << dir.read("second");

  ASSERT_EQ(::kill(pid, SIGTERM), 0);
  int status = 0;
  ASSERT_TRUE(test::eventually([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }));
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status << dir.read("first");
}

}  // namespace
}  // namespace mre
