// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/logging.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace mre {
namespace {

TEST(Logging, EscapesEveryMessage) {
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds(1'000'000'000'007)};
  const struct {
    const char* why;
    std::string message;
    std::string text;
  } cases[] = {
      {"plain", "reading /l", "reading /l"},
      {"quotes and backslashes are escaped", R"(a"b\c)", R"(a\"b\\c)"},
      {"a line end does not start a second line", "a\nlevel=error", R"(a\\x0Alevel=error)"},
      {"escape sequences do not reach the terminal", "\x1b[31m", R"(\\x1B[31m)"},
      {"not UTF-8", "\xff", "\xEF\xBF\xBD"},
      {"format characters are not interpreted", "{} %s", "{} %s"},
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

/// Replaces standard error by a pipe of 64 KiB during its lifetime.
class StderrPipe {
 public:
  StderrPipe() {
    EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0);
    EXPECT_EQ(::fcntl(ends_[1], F_SETPIPE_SZ, 65'536), 65'536);
    ::dup2(ends_[1], STDERR_FILENO);
  }
  ~StderrPipe() {
    ::dup2(before_, STDERR_FILENO);
    for (const int fd : {before_, ends_[0], ends_[1]}) ::close(fd);
  }
  /// The current content of the pipe.
  std::string read() const {
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string text(1U << 20U, '\0');
    const ssize_t count = ::read(ends_[0], text.data(), text.size());
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
  }

 private:
  int before_ = ::dup(STDERR_FILENO);
  int ends_[2] = {-1, -1};
};

TEST(Logging, NeverBlocksAndReportsDroppedMessages) {
  const StderrPipe pipe;
  start_logging({});
  for (int i = 0; i < 2000; ++i) spdlog::info("message {} {}", i, std::string(50, 'x'));
  const std::string first = pipe.read();
  EXPECT_THAT(first, testing::HasSubstr("message 0 "));
  EXPECT_THAT(first, testing::Not(testing::HasSubstr("message 1999 ")));
  spdlog::info("the reader is back");
  const std::string then = pipe.read();
  EXPECT_THAT(then, testing::ContainsRegex("msg=.dropped [0-9]+ log messages because nobody read them"));
  EXPECT_THAT(then, testing::HasSubstr("the reader is back"));
}

}  // namespace
}  // namespace mre
