// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/known_files.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/heap.h"
#include "tests/tail/temp_directory.h"

namespace mre {
namespace {

FileIdentity identity(std::uint64_t inode) { return {.device = 1, .inode = inode, .birth_ns = 1}; }

TEST(KnownFiles, GiveBackWhatWasAdded) {
  KnownFiles written;
  const std::string content(1500, 'a');
  const std::string marker = "the bytes before the offset";
  written.add({identity(1), Fingerprint::of(content), 1500, marker});
  written.add({identity(2), {}, 0, {}});
  ByteWriter out;
  written.save(out);
  KnownFiles read;
  ByteReader in(out.bytes());
  read.restore(in);
  EXPECT_TRUE(in.finished());
  for (const KnownFiles* files : {&written, &read}) {
    const auto found = files->find(identity(1));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->print.fits(content));
    EXPECT_EQ(found->offset, 1500U);
    EXPECT_EQ(found->marker, marker);
    ASSERT_TRUE(files->find(identity(2)));
    EXPECT_EQ(files->find(identity(2))->print.bytes, 0U) << "nothing is known of its content";
    EXPECT_FALSE(files->find(identity(3)));
  }
}

TEST(KnownFiles, KnowACopyByItsContent) {
  const TempDirectory dir;
  const std::string content = std::string(1500, 'a') + "and so on\n";
  KnownFiles files;
  files.add({identity(1), Fingerprint::of(content), content.size(), content.substr(content.size() - 64)});
  const struct {
    const char* why;
    std::string content;
    bool known;
  } cases[] = {
      {"a copy", content, true},
      {"a copy that goes on", content + "more\n", true},
      {"another beginning", "b" + content.substr(1), false},
      {"another end", content.substr(0, 1500) + "and so no\n", false},
  };
  for (const auto& c : cases) {
    const std::string path = dir.file(c.why);
    append(path, c.content);
    auto file = LogFile::open(path);
    ASSERT_TRUE(file) << c.why;
    EXPECT_EQ(files.kinship(*file), c.known ? LogFile::Kinship::same : LogFile::Kinship::none) << c.why;
  }
}

TEST(KnownFiles, TakeLittleMemoryAndForgetTheOldest) {
  const std::string content(1500, 'a');
  const Fingerprint print = Fingerprint::of(content);
  const std::size_t before = test::heap_in_use();
  KnownFiles files;
  for (std::uint64_t i = 0; i < 2 * KnownFiles::kMost; ++i)
    files.add({identity(i), print, 1500, content.substr(0, LineReader::kBeforeBytes)});
  EXPECT_LE(test::heap_in_use() - before, KnownFiles::kMost * 144) << "the whole of an entry";
  EXPECT_FALSE(files.find(identity(KnownFiles::kMost - 1)));
  EXPECT_TRUE(files.find(identity(KnownFiles::kMost)));
}

}  // namespace
}  // namespace mre
