// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

// `replay` of captures made beside a real broker: it counts what the clients in them know, row by row.

namespace mre {
namespace {

namespace fs = std::filesystem;

/// "PUBACK sent 5.0 0x87", "END client 3.1.1 normal_disconnection", and how often.
using Rows = std::map<std::string, long>;

Rows rows_of_clients(const fs::path& path) {
  std::ifstream file(path);
  Rows rows;
  for (std::string line; std::getline(file, line);) {
    const auto space = line.rfind(' ');
    rows[line.substr(0, space)] = std::stol(line.substr(space + 1));
  }
  return rows;
}

std::string label(const std::string& series, const std::string& name) {
  const std::string before = name + "=\"";
  const auto at = series.find(before);
  if (at == std::string::npos) return "?";
  const auto begin = at + before.size();
  return series.substr(begin, series.find('"', begin) - begin);
}

std::string labels(const std::string& series, std::initializer_list<const char*> names) {
  std::string text;
  for (const char* name : names) text += (text.empty() ? "" : " ") + label(series, name);
  return text;
}

/// Those that are not 0.
Rows rows_of_exposition(const std::string& exposition) {
  std::istringstream lines(exposition);
  Rows rows;
  for (std::string line; std::getline(lines, line);) {
    const long count = line.empty() ? 0 : std::strtol(line.c_str() + line.rfind(' '), nullptr, 10);
    if (count == 0) continue;
    if (line.starts_with("mqtt_reason_codes_total{"))
      rows[labels(line, {"packet", "direction", "protocol", "code"})] += count;
    if (line.starts_with("mqtt_reason_closes_without_code_total{"))
      rows["END " + labels(line, {"initiator", "protocol", "reason"})] += count;
  }
  return rows;
}

Rows replayed(const std::vector<std::string>& words) {
  const test::TempDir dir;
  EXPECT_EQ(test::run(words, dir.file("output")), 0) << dir.read("output");
  return rows_of_exposition(dir.read("output"));
}

TEST(ReplayedCaptures, CountWhatTheClientsKnow) {
  const fs::path directory = fs::path(MRE_TESTDATA) / "witnessed";
  for (const char* name : {"loopback.pcap", "any.pcapng", "bad-line.pcap"}) {
    SCOPED_TRACE(name);
    const std::string capture = directory / name;
    const Rows expected = rows_of_clients(fs::path(capture).replace_extension(".rows"));
    ASSERT_FALSE(expected.empty());
    EXPECT_EQ(replayed({MRE_BINARY, "replay", "--capture.ports=1883,8080", capture}), expected);
    EXPECT_EQ(replayed({MRE_BINARY, "replay", capture}), expected) << "the ports are found";
  }
}

}  // namespace
}  // namespace mre
