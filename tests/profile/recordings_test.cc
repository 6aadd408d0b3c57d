// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "exporter/base/join.h"
#include "tests/support/tally.h"

// Decodes every recording of tests/testdata/<profile>/ that has a golden file: NAME.log or NAME.jsonl, and
// NAME.golden.txt. MRE_UPDATE_GOLDEN=1 writes the golden files. recordings.txt lists them, so that the test fails
// if one is removed.
namespace mre {
namespace {

namespace fs = std::filesystem;

/// Whether a file has recorded messages, or is a log whose lines are JSON.
bool has_messages(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string line;
  std::getline(stream, line);
  EventLine messages;
  return messages.read(line).has_value();
}

void expect_golden(const fs::path& golden, const std::string& text) {
  if (std::getenv("MRE_UPDATE_GOLDEN") != nullptr) std::ofstream(golden, std::ios::binary) << text;
  EXPECT_EQ(text, file_text(golden.string()));
}

TEST(Recordings, GiveTheCountsOfTheirGoldens) {
  std::set<std::string> recordings;
  for (const auto& entry : fs::recursive_directory_iterator(MRE_TESTDATA)) {
    const std::string name = entry.path().string();
    if (!name.ends_with(".golden.txt")) continue;
    const std::string stem = name.substr(0, name.size() - std::string(".golden.txt").size());
    const std::string recording = fs::exists(stem + ".log") ? stem + ".log" : stem + ".jsonl";
    const std::string profile = entry.path().parent_path().filename().string();
    SCOPED_TRACE(recording);
    const bool messages = recording.ends_with(".jsonl") && has_messages(recording);
    expect_golden(name,
                  (messages ? tally_messages(profile, recording) : tally_log(profile, recording)).lines());
    recordings.insert(fs::relative(recording, MRE_TESTDATA).string() + "\n");
  }
  expect_golden(fs::path(MRE_TESTDATA) / "recordings.txt", join(recordings, ""));
}

// A removed rule is missing in this list.
TEST(Recordings, TheListOfRulesIsComplete) {
  std::string rules;
  for (const EmbeddedProfile& embedded : embedded_profiles()) {
    const auto profile = load_embedded_profile(embedded);
    ASSERT_TRUE(profile.has_value()) << profile.error().what;
    for (const Rule& rule : (*profile)->rules) rules += (*profile)->name + " " + rule.id + "\n";
  }
  expect_golden(fs::path(MRE_TESTDATA) / "rules.txt", rules);
}

TEST(Recordings, EveryProfileIsEmbeddedUnchangedAndItsExamplesPass) {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(MRE_SOURCE_DIR) / "config/profiles"))
    files += entry.path().extension() == ".yaml" ? 1U : 0U;
  EXPECT_EQ(embedded_profiles().size(), files);
  for (const EmbeddedProfile& embedded : embedded_profiles()) {
    const auto from_file =
        load_profile_file(fs::path(MRE_SOURCE_DIR) / "config/profiles" / embedded.file);  // runs the examples
    ASSERT_TRUE(from_file.has_value()) << from_file.error().what;
    const auto profile = load_embedded_profile(embedded);
    ASSERT_TRUE(profile.has_value()) << profile.error().what;
    EXPECT_EQ((*profile)->name, embedded.name());
    EXPECT_EQ((*profile)->fingerprint, (*from_file)->fingerprint) << embedded.file;
    EXPECT_EQ((*profile)->rules.size(), (*from_file)->rules.size()) << embedded.file;
  }
}

}  // namespace
}  // namespace mre
