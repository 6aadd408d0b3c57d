// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/processed_files.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/files.h"
#include "tests/support/heap.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

FileIdentity identity(std::uint64_t inode) { return {.device = 1, .inode = inode, .birth_ns = 1}; }

TEST(ProcessedFiles, AreRestoredAsTheyWereSaved) {
  ProcessedFiles written;
  const std::string content(1500, 'a');
  const std::string marker = "the bytes before the offset";
  written.add({identity(1), {Fingerprint::of(content), 1500, marker}});
  written.add({identity(2), {}});
  ByteWriter out;
  written.save(out);
  ProcessedFiles read;
  ByteReader in(out.bytes());
  read.restore(in);
  EXPECT_TRUE(in.finished());
  for (const ProcessedFiles* files : {&written, &read}) {
    const auto found = files->find(identity(1));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->position.fingerprint.matches(content));
    EXPECT_EQ(found->position.offset, 1500U);
    EXPECT_EQ(found->position.marker, marker);
    ASSERT_TRUE(files->find(identity(2)));
    EXPECT_EQ(files->find(identity(2))->position.fingerprint.bytes, 0U) << "only its identity is known";
    EXPECT_FALSE(files->find(identity(3)));
  }
}

TEST(ProcessedFiles, RecogniseACopyByItsContent) {
  const test::TempDir dir;
  const std::string content = std::string(1500, 'a') + "and so on\n";
  ProcessedFiles files;
  files.add({identity(1), {Fingerprint::of(content), content.size(), content.substr(content.size() - 64)}});
  const struct {
    const char* why;
    std::string content;
    bool is_copy;
  } cases[] = {
      {"a copy", content, true},
      {"a copy that was continued", content + "more\n", true},
      {"another beginning", "b" + content.substr(1), false},
      {"another end", content.substr(0, 1500) + "and so no\n", false},
  };
  for (const auto& c : cases) {
    const std::string path = dir.file(c.why);
    test::append(path, c.content);
    auto file = LogFile::open(path);
    ASSERT_TRUE(file) << c.why;
    EXPECT_EQ(files.match(*file), c.is_copy ? LogFile::Match::full : LogFile::Match::none) << c.why;
  }
}

TEST(ProcessedFiles, UseLittleMemoryAndDropTheOldest) {
  const std::string content(1500, 'a');
  const Fingerprint fingerprint = Fingerprint::of(content);
  const std::size_t before = test::heap_in_use();
  ProcessedFiles files;
  for (std::uint64_t i = 0; i < 2 * ProcessedFiles::kMaxFiles; ++i)
    files.add({identity(i), {fingerprint, 1500, content.substr(0, LineReader::kBeforeBytes)}});
  EXPECT_LE(test::heap_in_use() - before, ProcessedFiles::kMaxFiles * 144) << "of a whole entry";
  EXPECT_FALSE(files.find(identity(ProcessedFiles::kMaxFiles - 1)));
  EXPECT_TRUE(files.find(identity(ProcessedFiles::kMaxFiles)));
}

}  // namespace
}  // namespace mre
