// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/tally.h"

// The profile of gmqtt against a recording and the wire of the same run (tests/testdata/gmqtt/README.md).
namespace mre {
namespace {

const std::string kGmqttRecordings = std::string(MRE_TESTDATA) + "/gmqtt/";

TEST(Gmqtt, ReportsEveryCodeOnTheWireExceptPubackAndPubcomp) {
  std::ifstream csv(kGmqttRecordings + "gmqtt-dump.wire.csv");
  std::string line;
  std::getline(csv, line);
  ASSERT_EQ(line, "packet,direction,version,code,wire");
  std::map<std::string, int> expected;
  while (std::getline(csv, line)) {
    std::istringstream cells(line);
    std::string packet, direction, version, code, wire;
    for (std::string* cell : {&packet, &direction, &version, &code, &wire}) std::getline(cells, *cell, ',');
    if (code == "none" || packet == "PUBACK" || packet == "PUBCOMP") continue;
    expected[packet + (direction == "b2c" ? " sent " : " received ") + version + " " + code + " explicit"] =
        std::stoi(wire);
  }
  EXPECT_GE(expected.size(), 30U);
  std::map<std::string, int> codes;
  for (const auto& [text, count] : tally_log("gmqtt", kGmqttRecordings + "gmqtt-dump.log").counts) {
    if (!text.starts_with("close ")) codes[text] = count;
  }
  EXPECT_EQ(codes, expected);
}

}  // namespace
}  // namespace mre
