// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/log_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/files.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

TEST(LogFile, ReturnsItsLastWholeLines) {
  const test::TempDir dir;
  const struct {
    const char* why;
    std::string text;
    std::size_t bytes;
    const char* lines;
  } cases[] = {
      {"nothing there", "", 10, ""},
      {"all of it", "one\ntwo\n", 100, "one\ntwo\n"},
      {"exactly all of it", "one\ntwo\n", 8, "one\ntwo\n"},
      {"starts inside a line", "one\ntwo\n", 6, "two\n"},
      {"the last line is partial", "one\ntwo\nthr", 100, "one\ntwo\n"},
      {"both", "one\ntwo\nthr", 9, "two\n"},
      {"a line longer than the range", "one line\n", 4, ""},
      {"no line end", "one", 100, ""},
  };
  for (const auto& c : cases) {
    std::ofstream(dir.file("l")) << c.text;
    const auto file = LogFile::open(dir.file("l"));
    ASSERT_TRUE(file) << c.why;
    EXPECT_EQ(file->last_lines(c.bytes), c.lines) << c.why;
    EXPECT_EQ(file->offset(), 0U) << c.why;
  }
}

}  // namespace
}  // namespace mre
