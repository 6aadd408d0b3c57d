// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace mre {
namespace {

/// A directory with the files of /proc.
class ProcessTest : public testing::Test {
 protected:
  ProcessTest() : proc_(testing::TempDir() + "proc_" + std::to_string(getpid())) {
    std::filesystem::create_directories(proc_ + "/self/fd");
  }
  ~ProcessTest() override { std::filesystem::remove_all(proc_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(proc_ + name) << text; }

  const std::string proc_;
};

TEST_F(ProcessTest, ReadsTheFieldsByTheirNumber) {
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  write("/self/stat",
        "42 (a) S 1 (b) R) S 4 5 6 7 8 9 10 11 12 13 1400 1500 16 17 18 19 20 21 2200 23000 2400 25 26\n");
  write("/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max open files            1024                 1048576              files     \n");
  write("/stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 7\n");
  for (const char* fd : {"/self/fd/0", "/self/fd/1", "/self/fd/7"}) write(fd, "");
  const ProcessStats stats = read_process_stats(proc_);
  EXPECT_EQ(stats.cpu_seconds, 2900 / ticks);
  EXPECT_EQ(stats.start_time_seconds, 1700000000 + 2200 / ticks);
  EXPECT_EQ(stats.virtual_memory_bytes, 23000);
  EXPECT_EQ(stats.resident_memory_bytes, 2400 * page);
  EXPECT_EQ(stats.open_fds, 2);
  EXPECT_EQ(stats.max_fds, 1024);
}

TEST_F(ProcessTest, ValuesThatCannotBeReadAreAbsent) {
  struct Row {
    const char* why;
    const char* stat;
  };
  write("/self/limits", "Max open files            unlimited            unlimited            files     \n");
  for (const Row& row : {Row{"empty", ""}, Row{"no name", "42 S 1 2"}, Row{"short", "42 (a) S 1 2"},
                         Row{"no numbers", "42 (a) x x x x x x x x x x x x x x x x x x x x x x x x"}}) {
    write("/self/stat", row.stat);
    const ProcessStats stats = read_process_stats(proc_);
    EXPECT_FALSE(stats.cpu_seconds || stats.resident_memory_bytes || stats.virtual_memory_bytes) << row.why;
    EXPECT_FALSE(stats.start_time_seconds || stats.max_fds) << row.why;
  }
  EXPECT_FALSE(read_process_stats(proc_ + "/nowhere").open_fds);
}

TEST(Process, ReadsAllValuesOfThisProcess) {
  const ProcessStats stats = read_process_stats();
  EXPECT_TRUE(stats.cpu_seconds && stats.start_time_seconds);
  EXPECT_GT(stats.resident_memory_bytes.value_or(0), 100'000);
  EXPECT_GE(stats.virtual_memory_bytes.value_or(0), stats.resident_memory_bytes.value_or(0));
  EXPECT_GE(stats.open_fds.value_or(0), 1);
}

}  // namespace
}  // namespace mre
