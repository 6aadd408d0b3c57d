// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/tally.h"

// The profile against recordings of real brokers and the wire of the same run
// (tests/testdata/mosquitto/README.md).
namespace mre {
namespace {

using ::testing::HasSubstr;

const std::string kMosquittoRecordings = std::string(MRE_TESTDATA) + "/mosquitto/";

struct WireRow {
  std::string packet, direction, version, code, wire, shown;
};

std::vector<WireRow> wire_rows(const std::string& file) {
  std::vector<WireRow> rows;
  std::ifstream csv(file);
  std::string line;
  std::getline(csv, line);
  while (std::getline(csv, line)) {
    std::istringstream cells(line);
    WireRow row;
    for (std::string* cell : {&row.packet, &row.direction, &row.version, &row.code, &row.wire, &row.shown})
      std::getline(cells, *cell, ',');
    rows.push_back(row);
  }
  return rows;
}

/// A row as the text of the event that the profile must emit for it; empty if the log has no code for it.
std::string event_text(const WireRow& row) {
  if (row.code == "none" || row.code == "nocode") return "";
  const bool connack = row.packet == "CONNACK";
  const bool acknowledgement = row.version == "5.0" && (row.packet == "PUBACK" || row.packet == "PUBREC" ||
                                                        row.packet == "PUBCOMP" || row.packet == "AUTH");
  if (!connack && !acknowledgement) return "";
  const std::string version = row.version == "3.x" ? "unknown" : row.version;
  return row.packet + (row.direction == "b2c" ? " sent " : " received ") + version + " " +
         code_label(static_cast<std::uint8_t>(std::stoi(row.code))) + " explicit";
}

TEST(Mosquitto, CountsEveryCodeThatADebugLogShows) {
  for (const char* version : {"2.0.11", "2.1.2"}) {
    SCOPED_TRACE(version);
    const Tally tally = tally_log("mosquitto", kMosquittoRecordings + "mosquitto-" + version + ".log");
    std::map<std::string, int> expected;
    for (const auto& row : wire_rows(kMosquittoRecordings + "mosquitto-" + version + ".wire.csv")) {
      if (const auto text = event_text(row); !text.empty() && std::stoi(row.shown) != 0)
        expected[text] += std::stoi(row.shown);
    }
    ASSERT_GT(expected.size(), 20U);
    std::map<std::string, int> explicit_ones;
    for (const auto& [text, count] : tally.counts) {
      if (text.ends_with(" explicit") && !text.starts_with("SUBACK")) explicit_ones[text] = count;
    }
    EXPECT_EQ(explicit_ones, expected);
  }
}

// No line holds the codes of a SUBACK: they are put together.
TEST(Mosquitto, CountsEveryCodeOfEverySubackOnTheWire) {
  for (const char* version : {"2.0.11", "2.1.2"}) {
    SCOPED_TRACE(version);
    std::map<std::string, int> wire;
    for (const auto& row : wire_rows(kMosquittoRecordings + "mosquitto-" + version + ".wire.csv")) {
      if (row.packet == "SUBACK" && row.direction == "b2c")
        wire["SUBACK sent " + row.version + " " +
             code_label(static_cast<std::uint8_t>(std::stoi(row.code)))] += std::stoi(row.wire);
    }
    ASSERT_EQ(wire.size(), 11U);
    std::map<std::string, int> emitted;
    for (const auto& [text, count] :
         tally_log("mosquitto", kMosquittoRecordings + "mosquitto-" + version + ".log").counts) {
      if (text.starts_with("SUBACK")) emitted[text.substr(0, text.rfind(' '))] += count;
    }
    EXPECT_EQ(emitted, wire);
  }
}

TEST(Mosquitto, AMissingRepetitionThatWouldBeTruncatedIsNotADenial) {
  const auto profile = find_profile("mosquitto", {});
  ASSERT_TRUE(profile.has_value());
  // A line of 999 bytes may have been cut, and the id is in the repetition only.
  for (const auto& [length, emitted] : {std::pair{900U, 2U}, {984U, 1U}}) {
    SCOPED_TRACE(length);
    const auto decoder = make_decoder(*profile, SourceKind::log);
    const std::string filter(length, 'f');
    const std::string repetition = "1: a-client-id 0 " + filter;
    Tally tally;
    for (const auto& line :
         {std::string("1: mosquitto version 2.0.11 starting"),
          std::string("1: Received SUBSCRIBE from a-client-id"), std::string("1: \ta (QoS 1)"),
          std::string("1: a-client-id 1 a"), "1: \t" + filter + " (QoS 0)", repetition.substr(0, 999),
          std::string("1: Sending SUBACK to a-client-id")})
      decoder->decode({line, {}, false}, tally);
    EXPECT_EQ(tally.counts.size(), emitted);
    EXPECT_EQ(tally.counts["SUBACK sent unknown 0x01 explicit"], 1);
    EXPECT_FALSE(tally.counts.contains("SUBACK sent unknown 0x87 inferred"));
  }
}

// 1.6 writes up to 499 bytes more than a line's format has, so that a long id may end like the line.
TEST(Mosquitto, IgnoresLongMessagesUntilTheBrokerIsKnownNotToTruncateThem) {
  const auto profile = find_profile("mosquitto", {});
  ASSERT_TRUE(profile.has_value());
  const std::string cut = "1: Sending CONNACK to " + std::string(500, 'x') + " (0, 136)";
  for (const auto& [start, emitted] : {std::pair{"1: mosquitto version 1.6.15 starting", 0U},
                                       {"1: Config loaded from mosquitto.conf.", 0U},
                                       {"1: mosquitto version 2.0.11 starting", 1U}}) {
    SCOPED_TRACE(start);
    const auto decoder = make_decoder(*profile, SourceKind::log);
    Tally tally;
    decoder->decode({start, {}, false}, tally);
    const Decoded decoded = decoder->decode({cut, {}, false}, tally);
    EXPECT_EQ(tally.counts.size(), emitted);
    EXPECT_EQ(decoded.error, emitted == 0 ? RecordError::cut : RecordError::none);
  }
}

TEST(Mosquitto, InfersOnlyDisconnectsThatWereOnTheWire) {
  for (const char* version : {"2.0.11", "2.1.2"}) {
    SCOPED_TRACE(version);
    const Tally tally = tally_log("mosquitto", kMosquittoRecordings + "mosquitto-" + version + ".log");
    std::map<std::string, int> wire;
    for (const auto& row : wire_rows(kMosquittoRecordings + "mosquitto-" + version + ".wire.csv")) {
      if (row.packet == "DISCONNECT" && row.direction == "b2c" && row.version == "5.0")
        wire[code_label(static_cast<std::uint8_t>(std::stoi(row.code)))] = std::stoi(row.wire);
    }
    for (const auto& [text, count] : tally.counts) {
      if (!text.starts_with("DISCONNECT")) continue;
      EXPECT_THAT(text, HasSubstr("sent 5.0"));
      EXPECT_LE(count, wire[text.substr(20, 4)]) << text;
    }
  }
}

TEST(Mosquitto, TheLogLevelChangesTheEvidenceButNotTheCount) {
  // The two runs had the same wire. Refused connections are seen in words only at the default level.
  const Tally debug = tally_log("mosquitto", kMosquittoRecordings + "mosquitto-2.0.11.log");
  const Tally plain = tally_log("mosquitto", kMosquittoRecordings + "mosquitto-2.0.11-default.log");
  for (const char* version : {"3.1", "3.1.1", "5.0"}) {
    const std::string accepted = "CONNACK sent " + std::string(version) + " 0x00 ";
    EXPECT_EQ(debug.counts.at(accepted + "explicit"), plain.counts.at(accepted + "inferred"));
    EXPECT_FALSE(debug.counts.contains(accepted + "inferred"));
  }
  EXPECT_EQ(plain.counts.at("CONNACK sent unknown 0x87 inferred"), 18);
  for (const auto& [text, count] : debug.counts) {
    EXPECT_FALSE(text.starts_with("CONNACK") && text.ends_with("inferred")) << count << " " << text;
  }
}

TEST(Mosquitto, TextOfClientsCannotForgeEvents) {
  // Only the broker's own CONNACK and PUBACK lines, counted by hand in the recordings.
  const Tally with_passwords = tally_log("mosquitto", kMosquittoRecordings + "hostile-auth.log");
  EXPECT_EQ(with_passwords.counts.at("CONNACK sent 5.0 0x87 explicit"), 9);
  EXPECT_EQ(with_passwords.counts.at("CONNACK sent unknown 0x05 explicit"), 9);
  EXPECT_EQ(with_passwords.counts.at("CONNACK sent 5.0 0x8C explicit"), 1);
  EXPECT_EQ(with_passwords.counts.at("PUBACK sent 5.0 0x10 explicit"), 1);
  for (const char* file : {"hostile-auth.log", "hostile-anonymous.log"}) {
    for (const auto& [text, count] : tally_log("mosquitto", kMosquittoRecordings + file).counts) {
      EXPECT_FALSE(text.starts_with("PUBACK") && text.find("0x87") != std::string::npos)
          << count << " " << text;
      EXPECT_FALSE(text.find("0x8A") != std::string::npos) << count << " " << text;
      EXPECT_FALSE(text.ends_with("inferred") && text.starts_with("CONNACK")) << count << " " << text;
    }
  }
}

// 2.1 writes "session taken over" whenever a session exists, whether its client is connected or not.
TEST(Mosquitto, CountsATakeOverOnlyIfTheClientWasConnected) {
  const struct {
    const char* why;
    const char* log;
    int lines;
    int of_5;
    int of_3;
  } cases[] = {
      {"clients that come back to a session", "mosquitto-2.1.2-all.log", 8, 1, 2},
      {"also on a Unix socket, and after the broker was killed", "ends-2.1.2-default.log", 27, 2, 4},
      {"the same with log_type debug", "ends-2.1.2-debug.log", 27, 2, 4},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    std::ifstream log(kMosquittoRecordings + c.log);
    int lines = 0, of_5 = 0, of_3 = 0;
    for (std::string line; std::getline(log, line);)
      lines += line.ends_with("disconnected: session taken over.") ? 1 : 0;
    for (const auto& [text, count] : tally_log("mosquitto", kMosquittoRecordings + c.log).counts) {
      if (text == "DISCONNECT sent 5.0 0x8E inferred") of_5 += count;
      if (text.find("session_taken_over") != std::string::npos) of_3 += count;
    }
    EXPECT_EQ(lines, c.lines);
    EXPECT_EQ(of_5, c.of_5);
    EXPECT_EQ(of_3, c.of_3);
  }
}

}  // namespace
}  // namespace mre
