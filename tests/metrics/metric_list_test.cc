// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/metric_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "exporter/metrics/catalog.h"

namespace mre {
namespace {

using ::testing::HasSubstr;

TEST(MetricList, EveryFormatHasEveryRow) {
  const std::string text = render_metric_list(ListFormat::text);
  const std::string markdown = render_metric_list(ListFormat::markdown);
  const std::string json = render_metric_list(ListFormat::json);
  for (const Metric& row : kCatalog) {
    const std::string name(row.name), type(to_string(row.type)), help(row.help);
    EXPECT_THAT(text, HasSubstr(name + " (" + type + ")\n    " + help));
    EXPECT_THAT(markdown, HasSubstr("| `" + name + "` | " + type + " |"));
    EXPECT_THAT(markdown, HasSubstr(help));
    EXPECT_THAT(json, HasSubstr(R"({"name": ")" + name + R"(", "type": ")" + type + "\""));
  }
}

TEST(MetricList, MarkdownHasOneRowAMetric) {
  const std::string markdown = render_metric_list(ListFormat::markdown);
  EXPECT_EQ(std::count(markdown.begin(), markdown.end(), '\n'), std::ssize(kCatalog) + 2);
  EXPECT_EQ(std::count(markdown.begin(), markdown.end(), '|'), (std::ssize(kCatalog) + 2) * 5);
  EXPECT_THAT(markdown, HasSubstr("| `mqtt_reason_log_lag_bytes` | gauge | `broker`, `source` | Bytes"));
  EXPECT_THAT(markdown, HasSubstr("not been read yet. Only of log sources. |"));
}

TEST(MetricList, JsonIsAnArrayOfObjects) {
  const std::string json = render_metric_list(ListFormat::json);
  EXPECT_TRUE(json.starts_with("[\n  {"));
  EXPECT_TRUE(json.ends_with("\"}\n]\n"));
  EXPECT_EQ(std::count(json.begin(), json.end(), '{'), std::ssize(kCatalog));
  EXPECT_THAT(json, HasSubstr(R"("labels": ["broker", "source", "kind"], "source_kind": "log", "help": ")"));
}

}  // namespace
}  // namespace mre
