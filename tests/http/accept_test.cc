// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/accept.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

struct Row {
  const char* why;
  const char* value;
  bool expected;
};

TEST(Accept, OpenMetricsIsServedToWhoPrefersIt) {
  const Row rows[] = {
      {"no header", "", false},
      {"anything", "*/*", false},
      {"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false},
      {"Prometheus 2.42",
       "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       true},
      {"Prometheus 3.0",
       "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
       "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
       "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       true},
      {"Prometheus with scrape_protocols that prefer the text format",
       "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.2", false},
      {"Prometheus before 2.5", "text/plain;version=0.0.4;q=1,*/*;q=0.1", false},
      {"only the draft of OpenMetrics", "application/openmetrics-text; version=0.0.1", false},
      {"no version", "application/openmetrics-text", false},
      {"blanks and upper case", " Application/OpenMetrics-Text ; Version=1.0.0 ; Q=0.5 ", true},
      {"equal weights", "text/plain, application/openmetrics-text; version=1.0.0", true},
      {"excluded", "application/openmetrics-text; version=1.0.0; q=0", false},
      {"excluded at length", "application/openmetrics-text; version=1.0.0; q=0.000", false},
      {"a weight that is not a number", "application/openmetrics-text; version=1.0.0; q=high", false},
      {"an empty weight", "application/openmetrics-text; version=1.0.0; q=", false},
      {"only separators", ",;=,;,", false},
  };
  for (const Row& row : rows) EXPECT_EQ(prefers_openmetrics(row.value), row.expected) << row.why;
}

TEST(Accept, GzipIsServedToWhoAcceptsIt) {
  const Row rows[] = {
      {"no header", "", false},
      {"Prometheus", "gzip", true},
      {"excluded", "gzip;q=0", false},
      {"a browser", "gzip, deflate, br, zstd", true},
      {"last", "br;q=1.0, gzip", true},
      {"weights", "br;q=1.0, GZIP;q=0.8", true},
      {"another coding", "x-gzip2, br", false},
  };
  for (const Row& row : rows) EXPECT_EQ(accepts_gzip(row.value), row.expected) << row.why;
}

}  // namespace
}  // namespace mre
