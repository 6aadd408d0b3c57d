// SPDX-License-Identifier: Apache-2.0
// A line without end, however it is made, delays neither an interrupt nor a deadline. The tests do not measure
// time but how much a source has read when it returns.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "exporter/recording/recording.h"
#include "exporter/tail/stream.h"
#include "tests/tail/file_tail_support.h"

namespace mre {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

Deadline far() { return std::chrono::steady_clock::now() + std::chrono::hours(1); }

/// Repeats 16 MiB of NULs, packed into 16 KiB.
void write_bomb(const std::string& path, std::uint64_t mebibytes) {
  write_gzip(path, std::string(16 * kMiB, '\0'));
  const std::string member = contents(path);
  for (std::uint64_t done = 16; done < mebibytes; done += 16) append(path, member);
}

struct LineCase {
  const char* why;
  std::function<void(Follower&)> make;  // the log has the line "a", which was read
};

const LineCase kCases[] = {
    {"a hole of 1 TB after a partial line",
     [](Follower& f) {
       append(f.log(), "abc");
       std::filesystem::resize_file(f.log(), 1ULL << 40U);
     }},
    {"a rotated file of 4 MiB that unpacks to 4 GiB",
     [](Follower& f) {
       std::filesystem::remove(f.log());
       write_gzip(f.file("log.1.gz"), "a\n");
       const std::string line = contents(f.file("log.1.gz"));
       write_bomb(f.file("log.1.gz"), 4096);
       const std::string bomb = contents(f.file("log.1.gz"));
       std::filesystem::remove(f.file("log.1.gz"));
       append(f.file("log.1.gz"), line + bomb);
     }},
    {"one of 80 MiB that unpacks to nothing",
     [](Follower& f) {
       std::filesystem::remove(f.log());
       write_gzip(f.file("log.1.gz"), "a\n");
       write_gzip(f.file("empty.gz"), "");
       const std::string empty = contents(f.file("empty.gz"));
       std::string members;
       while (members.size() < 80 * kMiB) members += empty;
       append(f.file("log.1.gz"), members);
     }},
};

/// Reads one line, and starts again where something endless follows it.
void resume_before_endless(Follower& f, const LineCase& c) {
  append(f.log(), "a\n");
  f.options().from = LogOptions::From::beginning;
  f.start();
  ASSERT_EQ(f.read_one(), "a");
  f.stop();
  c.make(f);
  f.options().from = LogOptions::From::checkpoint;
  f.start();
}

TEST(EndlessLine, InterruptEndsReadingAfterOneBlock) {
  for (const LineCase& c : kCases) {
    SCOPED_TRACE(c.why);
    Follower f;
    ASSERT_NO_FATAL_FAILURE(resume_before_endless(f, c));
    for (int i = 0; i < 3; ++i) {
      f.tail().interrupt();
      const auto record = f.tail().next(far());
      ASSERT_TRUE(record);
      EXPECT_FALSE(*record);
      EXPECT_TRUE(f.status().unread);
    }
    EXPECT_LT(f.status().nul_bytes_skipped, 4 * kMiB);
    EXPECT_EQ(f.status().records_oversized, 0U) << "its end was not reached";
  }
}

TEST(EndlessLine, PassedDeadlineEndsReading) {
  for (const LineCase& c : kCases) {
    SCOPED_TRACE(c.why);
    Follower f;
    ASSERT_NO_FATAL_FAILURE(resume_before_endless(f, c));
    const auto record = f.tail().next(Deadline::min());
    ASSERT_TRUE(record);
    EXPECT_FALSE(*record);
    EXPECT_TRUE(f.status().unread);
  }
}

TEST(EndlessLine, IsReadToItsEndInSeveralCalls) {
  Follower f;
  f.options().from = LogOptions::From::beginning;
  append(f.log(), "a\n" + std::string(100 * kMiB, 'x') + "\nb\n");
  f.start();
  std::vector<std::string> got;
  int calls = 0;
  for (; calls < 1000 && got.size() < 2; ++calls) {
    const auto more = f.read();
    got.insert(got.end(), more.begin(), more.end());
  }
  EXPECT_EQ(got, (std::vector<std::string>{"a", "b"}));
  EXPECT_GT(calls, 1) << "one call returns before the line ends";
  EXPECT_EQ(f.status().records_oversized, 1U);
  EXPECT_FALSE(f.status().unread);
}

TEST(EndlessLine, InterruptEndsReadingFromAPeer) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd writer{ends[1]};
  std::thread peer;
  {
    Stream stream(Fd{ends[0]}, "a peer", 1000);
    peer = std::thread([&] {
      const std::string block(65536, 'x');
      while (::send(writer.get(), block.data(), block.size(), MSG_NOSIGNAL) > 0) {
      }
    });
    for (int i = 0; i < 3; ++i) {
      stream.interrupt();
      const auto record = stream.next(far());
      EXPECT_TRUE(record && !*record);
    }
    EXPECT_EQ(stream.status().records_oversized, 0U);
  }
  peer.join();
}

TEST(EndlessLine, InterruptEndsReadingOfARecording) {
  const TempDir dir;
  write_bomb(dir.file("bomb.gz"), 1024);
  auto recording = Recording::open({dir.file("bomb.gz")});
  ASSERT_TRUE(recording);
  (*recording)->read_as(SourceKind::log, 1000);
  (*recording)->interrupt();
  const auto record = (*recording)->next(far());
  ASSERT_TRUE(record);
  EXPECT_FALSE(*record);
  EXPECT_TRUE((*recording)->status().unread);
}

}  // namespace
}  // namespace mre
