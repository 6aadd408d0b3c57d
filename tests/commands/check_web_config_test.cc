// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/commands/check.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

TEST(CheckWebConfig, ShowsWhatTheFileMeans) {
  const test::TempDir directory;
  const std::string hash = "$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq";
  const auto check_text = [&](const std::string& text, mode_t mode) {
    return check("web-config", directory.write("web.yml", text, mode));
  };
  const auto good = check_text("basic_auth_users: {a: " + hash + "}\n", 0600);
  ASSERT_TRUE(good) << good.error().what;
  EXPECT_FALSE(good->findings);
  EXPECT_EQ(good->text,
            directory.file("web.yml") +
                ": ok\n  TLS: off\n  basic authentication: 1 user\n  HTTP/2: not supported, clients get "
                "HTTP/1.1\n");
  const auto readable = check_text("basic_auth_users: {a: " + hash + "}\n", 0644);
  ASSERT_TRUE(readable) << readable.error().what;
  EXPECT_TRUE(readable->findings);
  EXPECT_TRUE(readable->text.starts_with(directory.file("web.yml") + ": ok, 1 warning\n"));
  EXPECT_TRUE(readable->text.ends_with(
      "warning: " + directory.file("web.yml") +
      ":1:20: others can read the password hashes and try to crack them; chmod o-r the "
      "file\n"));
  const auto bad = check_text("basic_auth_users: {a: secret}\n", 0600);
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().what.starts_with(directory.file("web.yml") + ":1:23: "));
  const auto typo = check("webconfig", "x");
  ASSERT_FALSE(typo);
  EXPECT_EQ(typo.error().what, "cannot check \"webconfig\": did you mean \"web-config\"?");
}

}  // namespace
}  // namespace mre
