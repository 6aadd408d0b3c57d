// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/directory_cache.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/files.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Sets the modification time to an hour ago.
void make_old(const std::string& directory) {
  struct stat st{};
  ASSERT_EQ(::stat(directory.c_str(), &st), 0);
  const timespec times[] = {{st.st_mtim.tv_sec - 3600, 0}, {st.st_mtim.tv_sec - 3600, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, directory.c_str(), times, 0), 0);
}

TEST(DirectoryCache, ListsTheCurrentNames) {
  const test::TempDir dir;
  const std::string directory = dir.file("logs");
  DirectoryCache cache;
  EXPECT_THAT(cache.list(directory), IsEmpty()) << "it does not exist yet";
  std::filesystem::create_directory(directory);
  test::append(directory + "/b", "");
  test::append(directory + "/a", "");
  EXPECT_THAT(cache.list(directory), ElementsAre("a", "b"));
  test::append(directory + "/c", "");
  EXPECT_THAT(cache.list(directory), ElementsAre("a", "b", "c")) << "within the same tick of the clock";
  make_old(directory);
  EXPECT_THAT(cache.list(directory), ElementsAre("a", "b", "c"));
  std::filesystem::rename(directory + "/a", directory + "/d");
  EXPECT_THAT(cache.list(directory), ElementsAre("b", "c", "d")) << "after its time was final";
  std::filesystem::rename(directory, dir.file("old"));
  std::filesystem::create_directory(directory);
  EXPECT_THAT(cache.list(directory), IsEmpty()) << "another directory with the same path";
}

}  // namespace
}  // namespace mre
