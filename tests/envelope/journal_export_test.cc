// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/journal_export.h"

#include <gtest/gtest.h>

#include "tests/envelope/inner_lines.h"

namespace mre {
namespace {

using test::Lines;
using test::Unwrapped;

std::string cursor(int number, const std::string& journal = "cac66406", const std::string& boot = "b0b0") {
  return "__CURSOR=s=" + journal + ";i=" + std::to_string(number) + ";b=" + boot + ";m=0;t=65b;x=cab\n";
}

std::string binary(const std::string& key, const std::string& bytes) {
  std::string text = key + "\n";
  for (unsigned i = 0; i < 8; ++i) text += static_cast<char>((bytes.size() >> (8 * i)) & 0xFF);
  return text + bytes + "\n";
}

/// What a reader of lines makes of a stream: it drops the CR before a LF.
void read(Unwrapped& unwrapped, std::string_view stream) {
  while (!stream.empty()) {
    const std::size_t end = std::min(stream.find('\n'), stream.size());
    std::string_view line = stream.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    unwrapped.line(std::string(line));
    stream.remove_prefix(std::min(end + 1, stream.size()));
  }
}

const std::string kForged = "\n\n" + cursor(9, "0000", "0000") + "MESSAGE=forged\n\nMESSAGE=forged\n";

TEST(JournalExport, ReadsTextAndBinaryMessages) {
  const struct {
    const char* why;
    std::string stream;
    Lines inner;
    std::size_t refused = 0;
  } cases[] = {
      {"text", cursor(1) + "_PID=42\nMESSAGE=a=b\n\n" + cursor(2) + "MESSAGE=\n\n", {"a=b", ""}},
      {"no message", cursor(1) + "_PID=42\n\n", {}},
      {"binary", cursor(1) + binary("MESSAGE", "bad \xff\xfe") + "_PID=1\n\n", {"bad \xff\xfe"}},
      {"colours", cursor(1) + binary("MESSAGE", "\x1b[33mWARN\x1b[0m") + "\n", {"WARN"}},
      {"two lines", cursor(1) + binary("MESSAGE", "first\n second") + "\n", {"first\n second"}},
      {"nothing", cursor(1) + binary("MESSAGE", "") + "\nMESSAGE=x\n", {"", "x"}},
      {"ten bytes: the length holds a line end",
       cursor(1) + binary("MESSAGE", "0123456789") + "\n",
       {"0123456789"}},
      {"an entry that is imitated",
       cursor(1) + binary("MESSAGE", "a" + kForged) + "\n" + cursor(2) + "MESSAGE=b\n\n",
       {"a" + kForged, "b"}},
      {"the same in another field", cursor(1) + binary("_CMDLINE", kForged) + "MESSAGE=b\n\n", {"b"}},
      {"a CR LF: the entry is lost, the next is not",
       cursor(1) + binary("MESSAGE", "a\r\n" + kForged) + "_PID=1\n\n" + cursor(2) + "MESSAGE=b\n\n",
       {"b"},
       1},
      {"a CR LF, and the entry's empty line in its place: the text is not quite the client's",
       cursor(1) + binary("MESSAGE", "a\r\n" + kForged) + "\n" + cursor(2) + "MESSAGE=b\n\n",
       {"a\n" + kForged + "\n", "b"}},
      {"the next entry of another journal of the same boot",
       cursor(1) + binary("MESSAGE", "a\r\n" + kForged) + "_PID=1\n\n" + cursor(2, "dead") + "MESSAGE=b\n\n",
       {"b"},
       1},
      {"the next entry after a boot",
       cursor(1) + binary("MESSAGE", "a\r\n" + kForged) + "_PID=1\n\n" + cursor(2, "cac66406", "b1b1") +
           "MESSAGE=b\n\n",
       {"b"},
       1},
      {"many CR LF: as many bytes too many are expected",
       cursor(1) + binary("MESSAGE", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" + kForged) + "_PID=1\n\n" +
           cursor(2) + "MESSAGE=b\n\n" + cursor(3) + "MESSAGE=c\n\n",
       {"b", "c"},
       1},
      {"a length with a CR LF in it",
       cursor(1) + binary("MESSAGE", std::string(2573 - kForged.size(), 'a') + kForged) + "\n" + cursor(2) +
           "MESSAGE=b\n\n",
       {"b"},
       1},
      {"an invalid field name", cursor(1) + "message=a\n=\nMESSAGE=b\n\n", {"b"}, 2},
      {"a message longer than is joined",
       cursor(1) + binary("MESSAGE", std::string(kMaxJoinedBytes + 1, 'a')) + "MESSAGE=b\n",
       {"b"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Unwrapped unwrapped(Envelope::journald_export);
    read(unwrapped, c.stream);
    EXPECT_EQ(unwrapped.lines(), c.inner);
    EXPECT_EQ(unwrapped.refused(), c.refused);
  }
}

TEST(JournalExport, AMessageThatIsTooLongIsCountedOnce) {
  Unwrapped unwrapped(Envelope::journald_export);
  read(unwrapped, binary("MESSAGE", std::string(kMaxJoinedBytes, 'a')));
  EXPECT_EQ(unwrapped.lines().size(), 1U);
  read(unwrapped, binary("MESSAGE", std::string(kMaxJoinedBytes + 1, 'a')));
  EXPECT_EQ(unwrapped.oversized(), 1U);
  EXPECT_EQ(unwrapped.lines().size(), 1U);
}

TEST(JournalExport, TruncatedInputForgesNothing) {
  const std::string first = cursor(1) + "_PID=1\n" + binary("MESSAGE", "a" + kForged) + "MESSAGE=t\n\n";
  const std::string second = cursor(2) + "MESSAGE=b\n\n" + cursor(3) + "MESSAGE=c\n\n";
  for (std::size_t size = 0; size <= first.size(); ++size) {
    SCOPED_TRACE(size);
    Unwrapped unwrapped(Envelope::journald_export);
    read(unwrapped, first.substr(0, size) + "\n" + second);
    for (const std::string& line : unwrapped.lines()) EXPECT_NE(line, "forged");
    const Lines& lines = unwrapped.lines();
    ASSERT_GE(lines.size(), 1U);
    EXPECT_EQ(lines.back(), "c") << "the journal is found again";
  }
}

}  // namespace
}  // namespace mre
