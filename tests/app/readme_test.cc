#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "exporter/list.h"
#include "exporter/metrics/metric_list.h"
#include "exporter/profile/profile.h"

// What the README repeats is held against the program.
namespace mre {
namespace {

std::string readme() {
  std::ifstream stream(std::string(MRE_SOURCE_DIR) + "/README.md");
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return "(not there: " + begin + ")";
  return text.substr(from + begin.size(), text.find(end, from + begin.size()) - from - begin.size());
}

TEST(Readme, ListsTheMetricsOfTheCatalog) {
  EXPECT_EQ(
      between(readme(), "list metrics --format markdown`; a test compares -->\n", "<!-- metrics end -->"),
      render_metric_list(MetricListFormat::markdown));
}

// What it does not reveal too: blind is a word in the table.
TEST(Readme, SaysOfEachBrokerWhatItsProfileReveals) {
  EXPECT_EQ(
      between(readme(), "list brokers --format markdown`; a test compares -->\n", "<!-- brokers end -->"),
      list({"brokers"}, ListFormat::markdown).value_or("list brokers fails"));
}

TEST(Readme, ItsExampleProfileLoadsAndHoldsItsExamples) {
  const std::string yaml = "profile: my-broker" + between(readme(), "```yaml\nprofile: my-broker", "```");
  const auto profile = load_profile(yaml, "README.md");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  EXPECT_EQ((*profile)->rules.size(), 1U);
}

}  // namespace
}  // namespace mre
