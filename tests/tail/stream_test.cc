// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/stream.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "exporter/tail/make_log_source.h"
#include "tests/support/files.h"
#include "tests/support/poll.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
  void put(std::string_view bytes) {
    EXPECT_EQ(::write(write.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  Fd read, write;
};

struct Got {
  std::vector<std::string> lines;
  bool ended = false;
};

Got read_all(Source& source) {
  Got got;
  for (;;) {
    const auto record = source.next(Deadline::min());
    if (!record) {
      EXPECT_EQ(record.error().code, Errc::end_of_stream);
      got.ended = true;
      return got;
    }
    if (!*record) return got;
    got.lines.emplace_back((*record)->payload);
  }
}

TEST(Stream, ReturnsLinesAndEndsWithItsWriters) {
  const struct {
    const char* why;
    std::string_view input;
    std::vector<std::string> open, closed;
    std::uint64_t oversized;
  } cases[] = {
      {"nothing", "", {}, {}, 0},
      {"whole lines", "a\nb\n", {"a", "b"}, {}, 0},
      {"the last line without newline comes with the end", "a\nb", {"a"}, {"b"}, 0},
      {"unless it is too long", "a\n0123456789", {"a"}, {}, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Pipe pipe;
    Stream source(std::move(pipe.read), "the pipe", 8);
    pipe.put(c.input);
    const Got open = read_all(source);
    EXPECT_EQ(open.lines, c.open);
    EXPECT_FALSE(open.ended);
    EXPECT_TRUE(source.status().up);
    EXPECT_EQ(source.status().state, "reading the pipe");
    pipe.write = Fd();
    const Got closed = read_all(source);
    EXPECT_EQ(closed.lines, c.closed);
    EXPECT_TRUE(closed.ended);
    EXPECT_TRUE(read_all(source).ended) << "at every call";
    EXPECT_FALSE(source.status().up);
    EXPECT_EQ(source.status().state, "the pipe has ended");
    EXPECT_EQ(source.status().records_oversized, c.oversized);
  }
}

TEST(Stream, EndsWithTheReasonIfItCannotBeRead) {
  const struct {
    const char* why;
    Fd fd;
    const char* state;
  } cases[] = {
      {"a directory", Fd(::open("/", O_RDONLY | O_CLOEXEC)), "cannot read standard input: Is a directory"},
      {"none", Fd(), "cannot read standard input: Bad file descriptor"},
  };
  for (auto& c : cases) {
    SCOPED_TRACE(c.why);
    Stream source(Fd(c.fd.get() < 0 ? -1 : ::dup(c.fd.get())), "standard input", 8);
    EXPECT_TRUE(read_all(source).ended);
    EXPECT_EQ(source.status().state, c.state);
    EXPECT_EQ(source.status().failures, 1U);
  }
}

TEST(Stream, WaitsForALineFromAnotherThread) {
  Pipe pipe;
  Stream source(std::move(pipe.read), "the pipe", 8);
  std::thread writer([&] { pipe.put("a\n"); });
  const auto record = source.next(test::soon());
  writer.join();
  ASSERT_TRUE(record.value().has_value());
  EXPECT_EQ((*record)->payload, "a");
}

TEST(Stream, InterruptEndsTheCurrentOrNextWait) {
  Pipe pipe;
  Stream source(std::move(pipe.read), "the pipe", 8);
  std::thread other([&] { source.interrupt(); });
  EXPECT_FALSE(source.next(test::soon()).value().has_value());
  other.join();
  pipe.put("a\n");
  EXPECT_THAT(read_all(source).lines, ElementsAre("a")) << "available lines are still returned";
}

TEST(MakeLogSource, ReadsAFifoWhoseWritersComeAndGo) {
  test::TempDir dir;
  const std::string path = dir.file("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto source = make_log_source({path, LogOptions::From::end, 8});
  test::append(path, "a\n");
  EXPECT_THAT(read_all(*source).lines, ElementsAre("a"));
  test::append(path, "b\n");
  const Got got = read_all(*source);
  EXPECT_THAT(got.lines, ElementsAre("b"));
  EXPECT_FALSE(got.ended);
}

TEST(MakeLogSource, FollowsAFileThatDoesNotExistYet) {
  test::TempDir dir;
  const auto source = make_log_source({dir.file("log"), LogOptions::From::end, 8});
  EXPECT_THAT(read_all(*source).lines, IsEmpty());
  EXPECT_THAT(source->status().state, HasSubstr("waiting for "));
  test::append(dir.file("log"), "a\n");
  EXPECT_THAT(read_all(*source).lines, ElementsAre("a"));
}

TEST(MakeLogSource, ReadsStandardInput) {
  Pipe pipe;
  const Fd saved(::dup(STDIN_FILENO));
  ASSERT_EQ(::dup2(pipe.read.get(), STDIN_FILENO), STDIN_FILENO);
  const auto source = make_log_source({"-", LogOptions::From::end, 8});
  ::dup2(saved.get(), STDIN_FILENO);
  pipe.put("a\nb");
  pipe.write = Fd();
  const Got got = read_all(*source);
  EXPECT_THAT(got.lines, ElementsAre("a", "b"));
  EXPECT_TRUE(got.ended);
}

}  // namespace
}  // namespace mre
