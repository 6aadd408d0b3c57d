// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>

#include "exporter/base/build_info.h"
#include "exporter/cli/flags.h"
#include "exporter/commands/list.h"
#include "exporter/metrics/metric_list.h"
#include "exporter/profile/profile.h"

// What the documents repeat is held against the program.
namespace mre {
namespace {

const std::string kReadmeRoot = std::string(MRE_SOURCE_DIR) + "/";

std::string read(const std::string& document) {
  std::ifstream stream(kReadmeRoot + document);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return "(not there: " + begin + ")";
  return text.substr(from + begin.size(), text.find(end, from + begin.size()) - from - begin.size());
}

/// The text between two markers of a document is `text`. With MRE_UPDATE_GOLDEN=1 it is written there.
void expect_section(const std::string& document, const std::string& begin, const std::string& end,
                    const std::string& text) {
  std::string all = read(document);
  const std::string is = between(all, begin, end);
  if (std::getenv("MRE_UPDATE_GOLDEN") != nullptr && all.find(begin) != std::string::npos) {
    all.replace(all.find(begin) + begin.size(), is.size(), text);
    std::ofstream(kReadmeRoot + document, std::ios::binary) << all;
  }
  EXPECT_EQ(between(read(document), begin, end), text);
}

TEST(Readme, ListsTheMetricsOfTheCatalog) {
  expect_section("docs/metrics.md", "list metrics --format markdown`; a test compares -->\n",
                 "<!-- metrics end -->", render_metric_list(ListFormat::markdown));
}

// What it does not reveal too: blind is a word in the table.
TEST(Readme, ListsWhatEachProfileReveals) {
  expect_section("docs/coverage.md", "list brokers --format markdown`; a test compares -->\n",
                 "<!-- brokers end -->",
                 list({"brokers"}, ListFormat::markdown).value_or("list brokers fails"));
}

TEST(Readme, ItsExampleProfileLoadsAndItsExamplesPass) {
  const std::string yaml =
      "profile: my-broker" + between(read("README.md"), "```yaml\nprofile: my-broker", "```");
  const auto profile = load_profile(yaml, "README.md");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  EXPECT_EQ((*profile)->rules.size(), 1U);
}

// CMake has the version. These files cannot read it.
TEST(Version, IsTheSameInTheImageTheExampleAndTheChangelog) {
  const std::string version = build_info().version;
  EXPECT_EQ(between(read("Dockerfile"), "ARG VERSION=", "\n"), version);
  EXPECT_EQ(between(read("config/kubernetes/example/kustomization.yaml"), "newTag: ", "}"), version);
  EXPECT_NE(read("CHANGELOG.md").find("\n## " + version + "\n"), std::string::npos) << version;
}

// The first column of its table of `replay` names flags that `replay` has.
TEST(ConfigurationPage, ListsFlagsThatReplayHas) {
  const std::string table = between(read("docs/configuration.md"), "## Replay\n", "```");
  const std::regex flag(R"(`(--[a-z.-]+))");
  std::size_t flags = 0;
  std::istringstream rows(table);
  for (std::string row; std::getline(rows, row);) {
    const std::string cell = row.substr(0, row.find('|', 1));
    for (std::sregex_iterator match(cell.begin(), cell.end(), flag), end; match != end; ++match, ++flags) {
      const std::string name = (*match)[1];
      EXPECT_TRUE(std::ranges::any_of(flag_rows(), [&](const FlagRow& known) {
        return known.name == name && known.applies_to(Command::replay);
      })) << name;
    }
  }
  EXPECT_GE(flags, 6U);
}

}  // namespace
}  // namespace mre
