// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string_view>
#include <vector>

#include "tests/support/tally.h"

// Recordings with the wire of the same run beside them, as tests/support/wire_witness.py wrote it: NAME.log
// and NAME.wire.csv with the columns below. No event is reported that was not there; what is reported is in the
// golden file.
namespace mre {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kColumns = "packet,direction,protocol,code,count";

using Counts = std::map<std::string, int>;

struct Wire {
  Counts codes;    // by packet, direction, protocol and code
  Counts packets;  // by packet and direction
  int ends = 0;    // of connections: without a code, with a DISCONNECT, or refused
};

Wire read_wire(const fs::path& file) {
  Wire wire;
  std::ifstream csv(file);
  std::string line;
  std::getline(csv, line);
  while (std::getline(csv, line)) {
    std::istringstream cells(line);
    std::string packet, direction, protocol, code, count;
    for (std::string* cell : {&packet, &direction, &protocol, &code, &count}) std::getline(cells, *cell, ',');
    const int times = std::stoi(count);
    if (packet == "END" || packet == "DISCONNECT" || (packet == "CONNACK" && code != "0x00"))
      wire.ends += times;
    if (packet == "END" || packet == "UNDECODED") continue;
    for (const char* any : {"3.1", "3.1.1", "5.0", "any"}) {
      // Whoever asked for a protocol that does not exist may be reported as any.
      if (protocol == any || protocol == "unknown" || any == std::string_view("any"))
        wire.codes[packet + " " + direction + " " + any + " " + code] += times;
    }
    wire.packets[packet + " " + direction] += times;
  }
  return wire;
}

void expect_no_more_than(const Counts& emitted, const Counts& wire) {
  for (const auto& [key, count] : emitted) {
    const auto there = wire.find(key);
    EXPECT_LE(count, there == wire.end() ? 0 : there->second) << key;
  }
}

void expect_true(const Tally& tally, const Wire& wire, const Counts& ambiguous) {
  Counts codes, packets;
  int ends = 0;
  for (const auto& [text, count] : tally.counts) {
    std::istringstream words(text);
    std::string packet, direction, protocol, code, evidence;
    words >> packet >> direction >> protocol >> code >> evidence;
    if (packet == "close" || packet == "DISCONNECT" || (packet == "CONNACK" && code != "0x00")) ends += count;
    if (packet == "close" || packet == "denial") continue;  // no packet shows a denial
    const std::string row = packet + " " + direction + " " + protocol + " " + code;
    const auto known = ambiguous.find(row);
    const int less = known == ambiguous.end() ? 0 : known->second;
    packets[packet + " " + direction] += count - less;
    if (evidence == "explicit" || protocol != "unknown") {
      codes[packet + " " + direction + " any " + code] += count - less;
      if (protocol != "unknown") codes[row] += count - less;
    }
  }
  expect_no_more_than(codes, wire.codes);
  expect_no_more_than(packets, wire.packets);
  EXPECT_LE(ends, wire.ends);
}

// Mosquitto from 2.0.18 on closes without a DISCONNECT after a length of five bytes; its words do not say
// so.
// Artemis logs a CONNACK for a second CONNECT and sends none.
const std::map<std::string, Counts> kAmbiguous{
    {"mosquitto", {{"DISCONNECT sent 5.0 0x81", 1}}},
    {"artemis", {{"CONNACK sent 5.0 0x00", 1}, {"CONNACK sent unknown 0x00", 2}}}};

TEST(Wire, ContainsWhatTheRecordingsReport) {
  std::size_t wires = 0;
  for (const auto& entry : fs::recursive_directory_iterator(MRE_TESTDATA)) {
    const std::string name = entry.path().string();
    if (!name.ends_with(".wire.csv") || !file_text(name).starts_with(kColumns)) continue;
    SCOPED_TRACE(name);
    const std::string stem = name.substr(0, name.size() - std::string(".wire.csv").size());
    const std::string profile = entry.path().parent_path().filename().string();
    const Wire wire = read_wire(entry.path());
    const auto ambiguous = kAmbiguous.find(profile);
    std::size_t forms = 0;
    for (const char* form : {".log", ".json.log", ".event.log"}) {
      if (!fs::exists(stem + form)) continue;
      SCOPED_TRACE(form);
      expect_true(tally_log(profile, stem + form), wire,
                  ambiguous == kAmbiguous.end() ? Counts{} : ambiguous->second);
      ++forms;
    }
    EXPECT_GT(forms, 0U) << "a wire without a recording";
    ++wires;
  }
  EXPECT_GE(wires, 6U);
}

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream stream(row);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

// Recordings whose README says row by row what of the wire is reported: "packet direction code" of any protocol.
TEST(Wire, IsReportedAsTheReadmesOfTheRecordingsSay) {
  const struct {
    const char* why;
    const char* profile;
    const char* stem;
    std::size_t column;
    bool received;  // the wire has what clients sent, too
  } cases[] = {
      {"all that clients received", "mochi", "mochi/mochi-2.7.9", 4, false},
      {"what is reported of each row", "flashmq", "flashmq/flashmq-1.26.2", 7, true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const std::string stem = std::string(MRE_TESTDATA) + "/" + c.stem;
    std::ifstream csv(stem + ".wire.csv");
    std::string row;
    std::getline(csv, row);
    EXPECT_TRUE(row.starts_with("packet,direction,version,code,wire")) << row;
    Counts wire;
    while (std::getline(csv, row)) {
      const auto cells = cells_of(row);
      ASSERT_GT(cells.size(), c.column);
      const int count = std::stoi(cells[c.column]);
      if (cells[3] == "none" || count == 0) continue;
      wire[cells[0] + (cells[1] == "b2c" ? " sent " : " received ") + cells[3]] += count;
    }
    Counts emitted;
    for (const auto& [text, count] : tally_log(c.profile, stem + ".log").counts) {
      std::istringstream words(text);
      std::string packet, direction, protocol, code;
      words >> packet >> direction >> protocol >> code;
      if (packet != "close" && packet != "denial" && (c.received || direction == "sent"))
        emitted[packet + " " + direction + " " + code] += count;
    }
    EXPECT_EQ(emitted, wire);
  }
}

}  // namespace
}  // namespace mre
