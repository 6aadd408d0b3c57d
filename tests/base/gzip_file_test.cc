// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/gzip_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "tests/support/files.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using test::append;
using test::TempDir;
using test::write_gzip;

GzipFile open(const std::string& path) { return GzipFile(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))); }

std::string read_at(GzipFile& file, std::size_t bytes, std::uint64_t offset) {
  std::string out(bytes, '?');
  const ssize_t got = file.read_at(out, offset);
  EXPECT_GE(got, 0);
  out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return out;
}

/// 3 MB, which packed are longer than one input buffer.
std::string long_text() {
  std::string text;
  for (unsigned i = 0; text.size() < 3'000'000; ++i) text += std::to_string(i * 2654435761U) + "\n";
  return text;
}

TEST(GzipFile, ReadsAtAnyOffsetForwardsAndBackwards) {
  const TempDir dir;
  const std::string text = long_text();
  write_gzip(dir.file("l.gz"), text);
  GzipFile file = open(dir.file("l.gz"));
  for (const std::size_t at : {0UL, 1UL, 65536UL, 2'000'000UL, 1'999'999UL, 5UL, text.size() - 3}) {
    EXPECT_EQ(read_at(file, 1000, at), text.substr(at, 1000)) << at;
  }
  EXPECT_EQ(read_at(file, 1000, text.size()), "") << "the end";
  EXPECT_EQ(read_at(file, 1000, text.size() + 100), "") << "after the end";
  EXPECT_FALSE(file.damaged());
}

TEST(GzipFile, ReadsUpToTheEndOrToDamage) {
  const TempDir dir;
  const auto cut = [&](const std::string& path, std::uintmax_t bytes) {
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - bytes);
  };
  const struct {
    const char* why;
    std::function<void(const std::string&)> make;
    std::string text;
    bool damaged;
  } cases[] = {
      {"nothing packed", [](const auto& path) { write_gzip(path, ""); }, "", false},
      {"an empty file", [](const auto& path) { append(path, ""); }, "", false},
      {"two concatenated members: gzip -c a b",
       [](const auto& path) {
         write_gzip(path, "ab\n");
         write_gzip(path, "cd\n", "ab");
       },
       "ab\ncd\n", false},
      {"padding after the last member",
       [](const auto& path) {
         write_gzip(path, "ab\n");
         append(path, std::string(512, '\0'));
       },
       "ab\n", false},
      {"incomplete: the check sum is missing",
       [&](const auto& path) {
         write_gzip(path, "ab\n");
         cut(path, 8);
       },
       "ab\n", true},
      {"not a gzip file", [](const auto& path) { append(path, "plain text\n"); }, "", true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    std::filesystem::remove(dir.file("l.gz"));
    c.make(dir.file("l.gz"));
    GzipFile file = open(dir.file("l.gz"));
    EXPECT_EQ(read_at(file, 100, 0), c.text);
    EXPECT_EQ(read_at(file, 100, c.text.size()), "");
    EXPECT_EQ(file.damaged(), c.damaged);
  }
}

}  // namespace
}  // namespace mre
