// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/folder_names.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/tail/temp_directory.h"

namespace mre {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Makes the folder look as if nothing had come or gone for an hour.
void rest(const std::string& folder) {
  struct stat st{};
  ASSERT_EQ(::stat(folder.c_str(), &st), 0);
  const timespec times[] = {{st.st_mtim.tv_sec - 3600, 0}, {st.st_mtim.tv_sec - 3600, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, folder.c_str(), times, 0), 0);
}

TEST(FolderNames, AreAsTheyAreNow) {
  const TempDirectory dir;
  const std::string folder = dir.file("logs");
  FolderNames names;
  EXPECT_THAT(names.of(folder), IsEmpty()) << "it is not there yet";
  std::filesystem::create_directory(folder);
  append(folder + "/b", "");
  append(folder + "/a", "");
  EXPECT_THAT(names.of(folder), ElementsAre("a", "b"));
  append(folder + "/c", "");
  EXPECT_THAT(names.of(folder), ElementsAre("a", "b", "c")) << "within the same tick of the clock";
  rest(folder);
  EXPECT_THAT(names.of(folder), ElementsAre("a", "b", "c"));
  std::filesystem::rename(folder + "/a", folder + "/d");
  EXPECT_THAT(names.of(folder), ElementsAre("b", "c", "d")) << "after a long time";
  std::filesystem::rename(folder, dir.file("old"));
  std::filesystem::create_directory(folder);
  EXPECT_THAT(names.of(folder), IsEmpty()) << "another folder of that name";
}

}  // namespace
}  // namespace mre
