#include "exporter/own_log.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

TEST(OwnLog, EscapesEveryMessage) {
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds(1'000'000'000'007)};
  const struct {
    const char* why;
    std::string message;
    std::string text;
  } cases[] = {
      {"plain", "reading /l", "reading /l"},
      {"quotes and backslashes end no value", R"(a"b\c)", R"(a\"b\\c)"},
      {"a line end starts no second line", "a\nlevel=error", R"(a\\x0Alevel=error)"},
      {"a terminal is not told anything", "\x1b[31m", R"(\\x1B[31m)"},
      {"no UTF-8", "\xff", "\xEF\xBF\xBD"},
      {"format characters mean nothing", "{} %s", "{} %s"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(log_line(LogFormat::json, time, "info", c.message),
              "{\"ts\":\"2001-09-09T01:46:40.007Z\",\"level\":\"info\",\"msg\":\"" + c.text + "\"}\n")
        << c.why;
    EXPECT_EQ(log_line(LogFormat::logfmt, time, "info", c.message),
              "ts=2001-09-09T01:46:40.007Z level=info msg=\"" + c.text + "\"\n")
        << c.why;
  }
}

}  // namespace
}  // namespace mre
