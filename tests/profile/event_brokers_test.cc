// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/tally.h"

// Profiles of brokers that publish events over MQTT, against recordings of real ones and the wire of the same
// runs (README.md in each directory of tests/testdata).
namespace mre {
namespace {

struct EventRecording {
  const char* profile;
  const char* version;
};

constexpr EventRecording kEventRecordings[] = {
    {"emqx", "4.4.19"}, {"emqx", "5.1.0"}, {"nanomq", "0.21.11"}, {"nanomq", "0.25.5"}};

std::string path(const EventRecording& recording, const char* extension) {
  return std::string(MRE_TESTDATA) + "/" + recording.profile + "/" + recording.profile + "-" +
         recording.version + extension;
}

TEST(EventBrokers, CountExactlyTheConnacksOnTheWire) {
  for (const auto& recording : kEventRecordings) {
    SCOPED_TRACE(path(recording, ""));
    std::map<std::string, int> expected;
    std::ifstream csv(path(recording, ".wire.csv"));
    std::string line;
    std::getline(csv, line);
    ASSERT_EQ(line, "packet,direction,version,code,wire,websocket,unseen");
    while (std::getline(csv, line)) {
      std::istringstream cells(line);
      std::string packet, direction, version, code, wire, websocket, unseen;
      for (std::string* cell : {&packet, &direction, &version, &code, &wire, &websocket, &unseen})
        std::getline(cells, *cell, ',');
      if (packet != "CONNACK" || direction != "b2c") continue;
      const int count = std::stoi(wire) + std::stoi(websocket) - std::stoi(unseen);
      const auto byte = static_cast<std::uint8_t>(std::stoi(code, nullptr, 0));
      if (count != 0) expected["CONNACK sent " + version + " " + code_label(byte) + " explicit"] = count;
    }
    std::map<std::string, int> connacks;
    for (const auto& [text, count] : tally_messages(recording.profile, path(recording, ".jsonl")).counts) {
      if (text.starts_with("CONNACK")) connacks[text] = count;
    }
    EXPECT_GE(expected.size(), 3U);
    EXPECT_EQ(connacks, expected);
  }
}

// Aedes reports neither the version nor a refused CONNECT.
TEST(EventBrokers, AedesReportsEveryAcceptedConnectAndEveryCodeOfASuback) {
  const std::string stem = std::string(MRE_TESTDATA) + "/aedes/aedes-1.2.0";
  std::map<std::string, int> expected = {
      {"SUBACK sent unknown 0x00 explicit", 2}};  // of the recording client
  std::ifstream csv(stem + ".wire.csv");
  std::string line;
  std::getline(csv, line);
  ASSERT_EQ(line, "packet,direction,version,code,wire");
  while (std::getline(csv, line)) {
    std::istringstream cells(line);
    std::string packet, direction, version, code, wire;
    for (std::string* cell : {&packet, &direction, &version, &code, &wire}) std::getline(cells, *cell, ',');
    if (packet == "SUBACK") expected["SUBACK sent unknown " + code + " explicit"] += std::stoi(wire);
    if (packet == "CONNACK" && code == "0x00")
      expected["CONNACK sent unknown 0x00 inferred"] += std::stoi(wire);
  }
  std::map<std::string, int> codes;
  for (const auto& [text, count] : tally_messages("aedes", stem + ".jsonl").counts) {
    if (!text.starts_with("close")) codes[text] = count;
  }
  EXPECT_EQ(expected.size(), 5U);
  EXPECT_EQ(codes, expected);
}

TEST(EventBrokers, AnInvalidOrAmbiguousEventIsCountedAsMalformed) {
  const std::string deep(1'000'000, '[');
  const struct {
    const char* why;
    std::string payload;
    RecordError error;
  } cases[] = {
      {"as it should be", R"({"reason":"normal","proto_ver":5})", RecordError::none},
      {"a million levels", R"({"reason":"normal","proto_ver":5,"x":)" + deep, RecordError::invalid_json},
      {"a member that is read occurs twice", R"({"reason":"kicked","reason":"normal","proto_ver":5})",
       RecordError::invalid_json},
      {"the same, once null", R"({"reason":null,"reason":"normal","proto_ver":5})",
       RecordError::invalid_json},
      {"NaN", R"({"reason":"normal","proto_ver":NaN})", RecordError::invalid_json},
      {"a lone surrogate", R"({"reason":"normal\uD800","proto_ver":5})", RecordError::invalid_json},
  };
  const auto decoder = make_decoder(find_profile("emqx", {}).value(), SourceKind::mqtt);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Tally tally;
    const Decoded decoded =
        decoder->decode({c.payload, "$SYS/brokers/n@h/clients/a/disconnected", false}, tally);
    EXPECT_EQ(decoded.error, c.error);
    EXPECT_EQ(decoded.outcome == Outcome::malformed, c.error != RecordError::none);
    EXPECT_EQ(tally.counts.empty(), c.error != RecordError::none);
  }
}

}  // namespace
}  // namespace mre
