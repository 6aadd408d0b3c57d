// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "exporter/profile/load/profile_keys.h"
#include "exporter/profile/profile.h"
#include "tests/support/process.h"
#include "tests/support/tally.h"
#include "tests/support/temp_dir.h"

// config/profiles/README.md, the guide to adding a broker, is run: its steps load, its lines are recorded
// ones, its output is the program's, and its tables name every key.
namespace mre {
namespace {

const std::string kGuide = file_text(std::string(MRE_SOURCE_DIR) + "/config/profiles/README.md");

/// The insides of all ```<language> blocks, in order.
std::vector<std::string> blocks(const std::string& language) {
  std::vector<std::string> found;
  const std::string fence = "```" + language + "\n";
  for (std::size_t at = 0; (at = kGuide.find(fence, at)) != std::string::npos;) {
    at += fence.size();
    found.push_back(kGuide.substr(at, kGuide.find("```", at) - at));
  }
  return found;
}

std::string grown(std::size_t steps) {
  std::string yaml;
  for (std::size_t i = 0; i < steps; ++i) yaml += blocks("yaml")[i];
  return yaml;
}

TEST(Guide, EachStepOfItsProfileLoads) {
  ASSERT_EQ(blocks("yaml").size(), 5U);
  for (std::size_t steps = 1; steps <= 5; ++steps) {
    const auto profile = load_profile(grown(steps), "step");
    ASSERT_TRUE(profile.has_value()) << "step " << steps << ": " << profile.error().what;
    EXPECT_GE((*profile)->rules.size(), steps);
  }
}

TEST(Guide, ItsLinesAreFromARecording) {
  const std::string recording = "\n" + file_text(std::string(MRE_TESTDATA) + "/gmqtt/gmqtt-dump.log");
  std::istringstream lines(blocks("text").at(0));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_NE(recording.find("\n" + line + "\n"), std::string::npos) << line;
  EXPECT_EQ(count, 10);
}

TEST(Guide, ItShowsTheOutputOfTheProgram) {
  const test::TempDir dir;
  dir.write("my-gmqtt.yaml", grown(5));
  dir.write("gmqtt.log", blocks("text").at(0));
  ASSERT_EQ(test::run({MRE_BINARY, "replay", "--explain", "--broker.profile", dir.file("my-gmqtt.yaml"),
                       dir.file("gmqtt.log")},
                      dir.file("out")),
            0);
  constexpr std::size_t kBeforeRecord = 37;  // columns of outcome and rule
  std::string shown;
  std::istringstream lines(dir.read("out"));
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_of('{') != std::string::npos) line.resize(std::min(line.size(), kBeforeRecord));
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.find(" records: ") != std::string::npos) break;
    if (!line.empty()) shown += line + "\n";
  }
  EXPECT_EQ(shown, blocks("explained").at(0));
}

/// The first column of the table that follows a line.
std::set<std::string> table_after(const std::string& heading) {
  std::set<std::string> keys;
  const std::size_t at = kGuide.find("\n" + heading);
  if (at == std::string::npos) return keys;
  std::istringstream lines(kGuide.substr(kGuide.find("| --- |", at)));
  for (std::string line; std::getline(lines, line) && line.starts_with('|');) {
    if (line.starts_with("| `")) keys.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return keys;
}

std::set<std::string> as_set(std::span<const std::string_view> keys) { return {keys.begin(), keys.end()}; }

TEST(Guide, ExplainsEveryKeyTheLoaderKnowsAndNoOther) {
  const struct {
    const char* heading;
    std::span<const std::string_view> keys;
  } tables[] = {
      {"The file:", profile_keys::kProfile},     {"A prefix is a pattern", profile_keys::kPrefix},
      {"In `sources`:", profile_keys::kSources}, {"The value in `protocols`", profile_keys::kProtocol},
      {"A source:", profile_keys::kSource},      {"A rule:", profile_keys::kRule},
      {"A case:", profile_keys::kCase},          {"`when`. All", profile_keys::kWhen},
      {"An example:", profile_keys::kExample},
  };
  for (const auto& table : tables) EXPECT_EQ(table_after(table.heading), as_set(table.keys)) << table.heading;
  std::set<std::string> fields;
  for (std::size_t i = 0; i < kFields; ++i) fields.emplace(to_string(static_cast<Field>(i)));
  fields.erase("identity");  // a key of the rule: it has several members
  std::set<std::string> explained = table_after("Fields,");
  explained.merge(table_after("Fields that say whom"));
  EXPECT_EQ(explained, fields);
}

}  // namespace
}  // namespace mre
