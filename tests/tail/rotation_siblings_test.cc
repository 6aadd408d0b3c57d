// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/rotation_siblings.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using testing::ElementsAre;

TEST(RotationSiblings, RecogniseTheNamesThatRotationGives) {
  const struct {
    const char* why;
    const char* base;
    const char* name;
    bool rotated;
  } cases[] = {
      {"logrotate", "mosquitto.log", "mosquitto.log.1", true},
      {"logrotate compress", "mosquitto.log", "mosquitto.log.12.gz", true},
      {"logrotate dateext", "mosquitto.log", "mosquitto.log-20261122", true},
      {"logrotate dateext, hourly, packed", "mosquitto.log", "mosquitto.log-2026112217.gz", true},
      {"logrotate extension", "app.log", "app-20261122.log", true},
      {"a number before the extension", "app.log", "app.1.log.gz", true},
      {"a date with a time", "app.log", "app.log.2026-11-22T10:00:00", true},
      {"the kubelet", "0.log", "0.log.20261122-100000", true},
      {"the kubelet, packed", "0.log", "0.log.20261122-100000.gz", true},
      {"the next container of a pod", "0.log", "1.log", true},
      {"renamed by hand", "app.log", "app.log.old", true},
      {"packed by hand", "app.log", "app.log.gz", true},
      {"itself", "app.log", "app.log", false},
      {"another log", "app.log", "app2.log", false},
      {"another log with a common prefix", "app.log", "app-error.log", false},
      {"an index of a wrap log", "emqx.log", "emqx.log.idx", false},
      {"the next file of a wrap log", "emqx.log.2", "emqx.log.3", false},
      {"an editor's backup", "app.log", "app.log~", false},
      {"what the kubelet is packing", "0.log", "0.log.20261122-100000.tmp", false},
      {"nothing after the dot", "app.log", "app.log.", false},
      {"no base", "", ".1", false},
  };
  for (const auto& c : cases) EXPECT_EQ(is_rotated_name(c.base, c.name), c.rotated) << c.why;
}

TEST(RotationSiblings, AreInTheOrderInWhichTheyWereWritten) {
  const test::TempDir dir;
  const auto put = [&](const char* name, int modified) {
    test::append(dir.file(name), "x");
    const timespec times[] = {{modified, 0}, {modified, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, dir.file(name).c_str(), times, 0), 0);
  };
  put("log", 9);
  put("log.1", 3);
  put("log.2.gz", 2);
  put("log.3", 1);
  put("log.3.gz", 4);  // being packed: log.3 still exists
  put("other", 5);
  std::filesystem::create_directory(dir.file("log.4"));
  DirectoryCache cache;
  std::vector<std::string> names;
  for (const RotationSibling& file : rotation_siblings(cache, {dir.file("log")}))
    names.push_back(file.path.substr(dir.path().size() + 1));
  EXPECT_THAT(names, ElementsAre("log.3", "log.2.gz", "log.1"));
}

}  // namespace
}  // namespace mre
