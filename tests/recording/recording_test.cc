// SPDX-License-Identifier: Apache-2.0
#include "exporter/recording/recording.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/temp_dir.h"

namespace mre {
namespace {

struct Read {
  std::vector<std::string> records;  ///< "topic|payload", with " r" after a retained one.
  SourceStatus status;
};

Read read_all(Recording& recording) {
  Read all;
  for (;;) {
    const auto record = recording.next(std::chrono::steady_clock::now() + std::chrono::seconds(60));
    if (!record) {
      EXPECT_EQ(record.error().code, Errc::end_of_stream);
      break;
    }
    if (!*record) break;
    all.records.push_back(std::string((*record)->topic) + "|" + std::string((*record)->payload) +
                          ((*record)->retained ? " r" : ""));
  }
  all.status = recording.status();
  return all;
}

TEST(EventLine, ParsesTheOutputOfMosquittoSub) {
  EventLine reader;
  const struct {
    const char* why;
    std::string line;
    std::string topic;
    std::string payload;
    bool retained = false;
  } cases[] = {
      {"-F %j",
       R"({"tst":"2026-01-01T00:00:00Z","topic":"a/b","qos":1,"retain":0,"payloadlen":7,"payload":"{\"x\":1}"})",
       "a/b", R"({"x":1})"},
      {"-F %J", R"({"topic":"a","retain":1,"payload":{"x":[1,{"y":"z"}]}})", "a", R"({"x":[1,{"y":"z"}]})",
       true},
      {"escapes", R"({"topic":"\u00e4","payload":"a\nb"})", "\xC3\xA4", "a\nb"},
      {"a boolean for retain", R"({"topic":"a","retain":true,"payload":""})", "a", "", true},
      {"a number as payload", R"({"payload": 42 ,"topic":"a"})", "a", "42"},
      {"a list as payload", R"({"payload":[1, 2],"topic":"a"})", "a", "[1, 2]"},
      {"no payload", R"({"topic":"a","payload":null})", "a", ""},
      {"other members of every kind", R"({"x":{"topic":"no"},"topic":"a","y":[{}],"payload":"p","z":null})",
       "a", "p"},
  };
  for (const auto& c : cases) {
    const auto record = reader.read(c.line);
    ASSERT_TRUE(record) << c.why;
    EXPECT_EQ(record->topic, c.topic) << c.why;
    EXPECT_EQ(record->payload, c.payload) << c.why;
    EXPECT_EQ(record->retained, c.retained) << c.why;
  }
}

TEST(EventLine, RejectsWhatIsNotAMessage) {
  EventLine reader;
  for (const std::string line :
       {"", "x", "1", "[]", "{}", R"({"payload":"p"})", R"({"topic":1})", R"({"topic":"a"} x)",
        R"({"topic":"a")", R"({"topic":"a","retain":2})", R"({"topic":"a","retain":"yes"})",
        R"({"topic":"a","payload":"\x"})", "{\"topic\":\"\xff\"}"}) {
    EXPECT_FALSE(reader.read(line)) << line;
  }
}

TEST(EventLine, RejectsEveryIncompleteLine) {
  const std::string line = R"({"topic":"a/b","retain":1,"payload":{"x":[1,"\u00e4"]}})";
  EventLine reader;
  for (std::size_t cut = 0; cut < line.size(); ++cut) EXPECT_FALSE(reader.read(line.substr(0, cut))) << cut;
  EXPECT_TRUE(reader.read(line));
}

TEST(Recording, ReadsLogsInTheirOrder) {
  const test::TempDir dir;
  auto recording = Recording::open(
      {dir.write("1", "a\r\n\nb"), dir.write("2", ""), dir.write("3", "{\"topic\":\"t\"}\n")});
  ASSERT_TRUE(recording) << recording.error().what;
  EXPECT_EQ((*recording)->detect(), SourceKind::log) << "the first file decides";
  (*recording)->read_as(SourceKind::log, 65536);
  const Read all = read_all(**recording);
  EXPECT_EQ(all.records, (std::vector<std::string>{"|a", "|", "|b", "|{\"topic\":\"t\"}"}));
  EXPECT_EQ((*recording)->bytes_read(), (*recording)->bytes_total());
}

TEST(Recording, DetectsMessagesAfterEmptyLinesAndCountsInvalidOnes) {
  const test::TempDir dir;
  auto recording = Recording::open({dir.write(
      "e",
      "\n "
      "\n{\"topic\":\"t\",\"payload\":\"p\"}\nrubbish\n{\"topic\":\"u\",\"payload\":\"q\",\"retain\":1}")});
  ASSERT_TRUE(recording) << recording.error().what;
  ASSERT_EQ((*recording)->detect(), SourceKind::mqtt);
  (*recording)->read_as(SourceKind::mqtt, 65536);
  const Read all = read_all(**recording);
  EXPECT_EQ(all.records, (std::vector<std::string>{"t|p", "u|q r"}));
  EXPECT_EQ(all.status.records_malformed, 1U);
}

TEST(Recording, SkipsAndCountsLongLines) {
  const test::TempDir dir;
  auto recording = Recording::open({dir.write("l", std::string(1'000'000, 'x') + "\nshort\n")});
  ASSERT_TRUE(recording);
  EXPECT_EQ((*recording)->detect(), SourceKind::log);
  (*recording)->read_as(SourceKind::log, 100);
  const Read all = read_all(**recording);
  EXPECT_EQ(all.records, std::vector<std::string>{"|short"});
  EXPECT_EQ(all.status.records_oversized, 1U);
}

TEST(Recording, NamesTheFileThatCannotBeRead) {
  const test::TempDir dir;
  const auto missing = Recording::open({dir.file("none")});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().what, dir.file("none") + ": No such file or directory");
  const auto directory = Recording::open({dir.path()});
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().what, dir.path() + ": Is a directory");
}

TEST(Recording, DetectsMessagesByTopicAndPayload) {
  test::TempDir dir;
  const struct {
    const char* why;
    std::string line;
    bool is_log_line;
    SourceKind kind;
  } cases[] = {
      {"a message", R"({"topic":"a","payload":"p"})", false, SourceKind::mqtt},
      {"a message without text", R"({"topic":"a","payload":null})", false, SourceKind::mqtt},
      {"a broker's line in JSON", R"({"level":"warning","msg":"x","topic":"a"})", false, SourceKind::log},
      {"a line that the broker's profile knows", R"({"msg":"x","topic":"a","payload":"p"})", true,
       SourceKind::log},
  };
  for (const auto& c : cases) {
    auto recording = Recording::open({dir.write("l", "\n" + c.line + "\n")});
    ASSERT_TRUE(recording);
    EXPECT_EQ((*recording)->detect([&](std::string_view line) {
      EXPECT_EQ(line, c.line);
      return c.is_log_line;
    }),
              c.kind)
        << c.why;
  }
}

TEST(Recording, UnpacksGzipFiles) {
  test::TempDir dir;
  const std::string packed = dir.write("b.log", "c\nd");
  ASSERT_EQ(std::system(("gzip " + packed + " && mv " + packed + ".gz " + packed).c_str()), 0);
  auto recording = Recording::open({dir.write("a.log", "a\nb\n"), packed, dir.write("c.log", "e\n")});
  ASSERT_TRUE(recording);
  ASSERT_EQ((*recording)->detect(), SourceKind::log);
  (*recording)->read_as(SourceKind::log, 100);
  EXPECT_EQ(read_all(**recording).records, (std::vector<std::string>{"|a", "|b", "|c", "|d", "|e"}));
  EXPECT_EQ((*recording)->bytes_total(), 0U) << "the uncompressed size is unknown";
}

TEST(Recording, ReportsAnIncompleteGzipFile) {
  test::TempDir dir;
  const std::string packed = dir.write("l", std::string(100'000, 'x') + "\n");
  ASSERT_EQ(std::system(("gzip " + packed + " && head -c 40 " + packed + ".gz > " + packed).c_str()), 0);
  auto recording = Recording::open({packed});
  ASSERT_TRUE(recording);
  (*recording)->read_as(SourceKind::log, 1000);
  Result<std::optional<Record>> record = std::nullopt;
  while (record) record = (*recording)->next(std::chrono::steady_clock::now() + std::chrono::seconds(60));
  EXPECT_EQ(record.error().code, Errc::unavailable);
  EXPECT_NE(record.error().what.find("l: the gzip data are incomplete or damaged after "), std::string::npos)
      << record.error().what;
}

}  // namespace
}  // namespace mre
