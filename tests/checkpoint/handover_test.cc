// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "exporter/checkpoint/checkpoint_file.h"
#include "exporter/checkpoint/state_directory.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using testing::HasSubstr;

constexpr Owner kOwner{.uid = 54'322, .gid = 54'321};
constexpr Owner kOtherUser{.uid = 54'323, .gid = 54'323};

uid_t owner_of(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info.st_uid;
}

/// Root opens the directory for another user.
class HandoverTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to give files to another user";
    std::filesystem::create_directory(path_);
  }
  const test::TempDir dir_;
  const std::string path_ = dir_.file("state");
};

TEST_F(HandoverTest, ANewDirectoryBelongsToTheOwner) {
  std::filesystem::remove(path_);
  ASSERT_TRUE(StateDirectory::open(path_, kOwner));
  EXPECT_EQ(owner_of(path_), kOwner.uid);
  EXPECT_EQ(owner_of(path_ + "/lock"), kOwner.uid);
}

TEST_F(HandoverTest, FilesOfRootAreGivenToTheOwner) {
  {
    CheckpointFile file(StateDirectory::open(path_).value(), "b@s");
    (void)file.load();
    ASSERT_TRUE(file.save("counted as root"));
  }
  const auto directory = StateDirectory::open(path_, kOwner);
  ASSERT_TRUE(directory);
  for (const char* name : {"", "/lock", "/b@s.0"}) EXPECT_EQ(owner_of(path_ + name), kOwner.uid) << name;
  EXPECT_EXIT(
      {
        const bool low = ::setgid(kOwner.gid) == 0 && ::setuid(kOwner.uid) == 0;
        CheckpointFile file(*directory, "b@s");
        const bool read = file.load().bytes == "counted as root";
        std::_Exit(low && read && file.save("more") ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(HandoverTest, OtherFilesAreNotGivenAway) {
  struct Row {
    const char* why;
    const char* name;  ///< In the directory: created by root or another user.
    void (*make)(const std::string& path, const test::TempDir& dir);
    bool opened;
  };
  const Row rows[] = {
      {"another program's file", "other.db",
       [](const std::string& path, const test::TempDir&) { std::ofstream(path) << "x"; }, false},
      {"a directory", "b@s.0",
       [](const std::string& path, const test::TempDir&) { std::filesystem::create_directory(path); }, true},
      {"a second name of a file elsewhere", "b@s.0",
       [](const std::string& path, const test::TempDir& dir) {
         std::filesystem::create_hard_link(dir.write("shadow", "x"), path);
       },
       true},
      {"a symbolic link to a file elsewhere", "b@s.0",
       [](const std::string& path, const test::TempDir& dir) {
         std::filesystem::create_symlink(dir.write("shadow", "x"), path);
       },
       true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const std::string there = path_ + "/" + row.name;
    row.make(there, dir_);
    const auto directory = StateDirectory::open(path_, kOwner);
    EXPECT_EQ(directory.has_value(), row.opened);
    EXPECT_EQ(owner_of(there), 0U);
    if (std::filesystem::exists(dir_.file("shadow"))) {
      EXPECT_EQ(owner_of(dir_.file("shadow")), 0U);
    }
    if (!directory) {
      EXPECT_EQ(directory.error().code, Errc::invalid_config);
      EXPECT_THAT(directory.error().what, HasSubstr("it belongs to root and contains other files"));
      EXPECT_EQ(owner_of(path_), 0U);
    }
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
    std::filesystem::remove(dir_.file("shadow"));
  }
}

TEST_F(HandoverTest, AWorldWritableDirectoryStaysRoots) {
  ASSERT_EQ(::chmod(path_.c_str(), 01777), 0);
  std::ofstream(path_ + "/other.db") << "x";
  ASSERT_TRUE(StateDirectory::open(path_, kOwner));
  EXPECT_EQ(owner_of(path_), 0U);
  EXPECT_EQ(owner_of(path_ + "/lock"), kOwner.uid);
}

TEST_F(HandoverTest, ADirectoryOfAnotherUserIsRejected) {
  ASSERT_EQ(::chown(path_.c_str(), kOtherUser.uid, kOtherUser.gid), 0);
  const auto directory = StateDirectory::open(path_, kOwner);
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().what, HasSubstr("it belongs to another user (54323)"));
}

}  // namespace
}  // namespace mre
