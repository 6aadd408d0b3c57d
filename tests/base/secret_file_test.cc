// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/secret_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/temp_dir.h"

namespace mre {
namespace {

TEST(SecretFile, MustBelongToTheExporterOrRoot) {
  struct stat info{};
  info.st_mode = 0600;
  info.st_uid = ::geteuid();
  EXPECT_EQ(secret_file_fault(info), "");
  info.st_uid = 0;
  EXPECT_EQ(secret_file_fault(info), "");
  info.st_uid = ::geteuid() + 1;
  EXPECT_THAT(secret_file_fault(info), testing::HasSubstr("belongs to another user"));
}

TEST(SecretFile, IsOneLineThatOthersCannotRead) {
  const test::TempDir dir;
  const struct {
    const char* why;
    const char* text;
    mode_t mode;
    const char* secret;  ///< Null: refused.
    const char* says;
  } cases[] = {
      {"no line end", "s3cret", 0600, "s3cret", ""},
      {"a line end of Windows", "s3cret\r\n", 0640, "s3cret", ""},
      {"as long as allowed", "12345678\n", 0600, "12345678", ""},
      {"too long", "123456789\n", 0600, nullptr, "longer than 8 bytes"},
      {"two lines", "a\nb\n", 0600, nullptr, "the file has more than one line"},
      {"empty", "\n", 0600, nullptr, "the file is empty"},
      {"others may read it", "s3cret", 0604, nullptr, "others may read or change it"},
      {"the group may change it", "s3cret", 0660, nullptr, "its group may change it"},
  };
  for (const auto& c : cases) {
    const auto secret = read_secret("--file", dir.write("secret", c.text, c.mode), 8);
    ASSERT_EQ(secret.has_value(), c.secret != nullptr) << c.why;
    if (secret) {
      EXPECT_EQ(*secret, c.secret) << c.why;
    } else {
      EXPECT_THAT(secret.error().what, testing::HasSubstr("--file " + dir.file("secret") + ": " + c.says))
          << c.why;
      EXPECT_EQ(secret.error().what.find("s3cret"), std::string::npos) << c.why;
    }
  }
  EXPECT_THAT(read_secret("--file", dir.path(), 8).error().what, testing::HasSubstr("not a regular file"));
  EXPECT_THAT(read_secret("--file", dir.file("missing"), 8).error().what, testing::HasSubstr("No such file"));
}

}  // namespace
}  // namespace mre
