// SPDX-License-Identifier: Apache-2.0
#include "exporter/input/line_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace mre {
namespace {

using namespace std::string_view_literals;

struct Lines {
  std::vector<std::string> lines;
  std::uint64_t oversized = 0;
  bool in_blocks = false;

  bool operator==(const Lines&) const = default;
};

/// Reads line by line, or all available lines at once if `out.in_blocks`.
void read_lines(LineReader& reader, Lines& out) {
  for (;;) {
    LineBlock block = out.in_blocks ? reader.lines() : LineBlock{};
    while (!block.text.empty()) {
      const std::string_view line = block.text.substr(0, block.text.find('\n'));
      if (line.size() > block.max_line_bytes || line.starts_with('\0') || line.ends_with('\r')) break;
      out.lines.emplace_back(line);
      reader.consume(line.size() + 1);
      block.text.remove_prefix(line.size() + 1);
    }
    const auto line = reader.next();
    if (!line) return;
    out.lines.emplace_back(*line);
  }
}

void put(LineReader& reader, std::string_view bytes, Lines& out) {
  while (!bytes.empty()) {
    const auto space = reader.space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.begin(), count, space.begin());
    reader.add(count);
    read_lines(reader, out);
    bytes.remove_prefix(count);
  }
}

Lines read_in_pieces(std::string_view input, std::size_t first, std::size_t piece, std::size_t limit,
                     bool in_blocks) {
  LineReader reader(limit);
  Lines out{{}, 0, in_blocks};
  put(reader, input.substr(0, first), out);
  for (std::size_t at = first; at < input.size(); at += piece) put(reader, input.substr(at, piece), out);
  if (const auto rest = reader.finish()) out.lines.emplace_back(*rest);
  out.oversized = reader.oversized();
  return out;
}

TEST(LineReader, SplitsLinesHoweverTheBytesArrive) {
  const struct {
    const char* why;
    std::string_view input;
    std::size_t limit;
    std::vector<std::string> lines;
    std::uint64_t oversized;
  } cases[] = {
      {"nothing", "", 8, {}, 0},
      {"one line", "abc\n", 8, {"abc"}, 0},
      {"two lines", "abc\ndef\n", 8, {"abc", "def"}, 0},
      {"CRLF", "abc\r\ndef\r\n", 8, {"abc", "def"}, 0},
      {"only one CR belongs to the line end", "abc\r\r\n", 8, {"abc\r"}, 0},
      {"a CR inside is data", "a\rb\n", 8, {"a\rb"}, 0},
      {"empty lines are lines", "\n\r\n\n", 8, {"", "", ""}, 0},
      {"the last line may lack its newline", "abc\nde", 8, {"abc", "de"}, 0},
      {"and have half of a CRLF", "abc\nde\r", 8, {"abc", "de"}, 0},
      {"NUL within a line and bad UTF-8 are data",
       "a\0b\xff\xc3\n"sv,
       8,
       {std::string("a\0b\xff\xc3", 5)},
       0},
      {"NULs before a line are not part of it", "a\n\0\0\0bc\nd\n"sv, 8, {"a", "bc", "d"}, 0},
      {"also if there are more than the limit", "\0\0\0\0\0\0\0\0\0\0\0\0ab\n"sv, 8, {"ab"}, 0},
      {"a line that is too long without them", "\0\0abcdefghij\nab\n"sv, 8, {"ab"}, 1},
      {"nothing but NULs", "\0\0\nab\n\0\0"sv, 8, {"", "ab"}, 0},
      {"exactly the limit", "12345678\n", 8, {"12345678"}, 0},
      {"the limit does not count the CR", "12345678\r\n", 8, {"12345678"}, 0},
      {"one byte too long", "123456789\nab\n", 8, {"ab"}, 1},
      {"too long with CRLF", "123456789\r\nab\n", 8, {"ab"}, 1},
      {"a CR that is data counts", "1234567\r\r\nab\n1234567\r8\nc\n", 8, {"1234567\r", "ab", "c"}, 1},
      {"much too long, between good ones",
       "a\n0123456789012345678901234567890123456789\nb\n",
       8,
       {"a", "b"},
       1},
      {"two in a row", "0123456789\n0123456789\nb\n", 8, {"b"}, 2},
      {"too long at the end", "a\n0123456789", 8, {"a"}, 1},
      {"too long at the end by one", "a\n012345678", 8, {"a"}, 1},
      {"with a limit of 0 only empty lines remain", "\na\n\r\n", 0, {"", ""}, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    for (std::size_t first = 0; first <= c.input.size(); ++first) {
      for (std::size_t piece = 1; piece <= c.input.size() + 1; ++piece) {
        for (const bool in_blocks : {false, true}) {
          EXPECT_EQ(read_in_pieces(c.input, first, piece, c.limit, in_blocks),
                    (Lines{c.lines, c.oversized, in_blocks}))
              << "cut at " << first << ", then every " << piece << (in_blocks ? ", in blocks" : "");
        }
      }
    }
  }
}

TEST(LineReader, HoldsLinesAcrossTheEndOfTheBuffer) {
  constexpr std::size_t kLimit = 65536;
  std::string input;
  std::vector<std::string> expected;
  for (std::size_t i = 0; input.size() < 3 * LineReader::kBufferBytes; ++i) {
    expected.emplace_back((i * 7919) % (kLimit + 1), static_cast<char>('a' + i % 26));
    input += expected.back() + "\n";
  }
  for (const std::size_t piece :
       {4095UL, 65536UL, 65537UL, 100000UL, LineReader::kBufferBytes, input.size()}) {
    SCOPED_TRACE(piece);
    for (const bool in_blocks : {false, true})
      EXPECT_TRUE(read_in_pieces(input, 0, piece, kLimit, in_blocks) == (Lines{expected, 0, in_blocks}));
  }
}

TEST(LineReader, AcknowledgesTheConsumedPartOfABlock) {
  LineReader reader(100);
  const std::string_view text = "one\ntwo\nthree\nhal";
  std::ranges::copy(text, reader.space().begin());
  reader.add(text.size());
  EXPECT_EQ(reader.lines().text, "one\ntwo\nthree\n");
  EXPECT_EQ(reader.unacknowledged(), text.size());
  reader.consume(4);
  EXPECT_EQ(reader.unacknowledged(), text.size() - 4);
  EXPECT_EQ(reader.pending(), text.size() - 4);
  EXPECT_EQ(reader.before_pending(), "one\n");
  EXPECT_EQ(reader.next(), "two");
  EXPECT_EQ(reader.unacknowledged(), text.size() - 4) << "the last line of next is not acknowledged yet";
  EXPECT_EQ(reader.lines().text, "three\n");
  EXPECT_EQ(reader.unacknowledged(), text.size() - 8) << "lines() acknowledges it";
  reader.consume(6);
  EXPECT_EQ(reader.lines().text, "");
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_EQ(reader.pending(), 3U);
}

TEST(LineReader, SkipsOnlyTheOversizedLine) {
  LineReader reader(65536);
  Lines out;
  put(reader, "before\n", out);
  const std::string block(1 << 20, 'x');
  for (int mebibyte = 0; mebibyte < 10; ++mebibyte) put(reader, block, out);
  EXPECT_EQ(reader.oversized(), 0U) << "counted at its end, so that the count is never ahead of the position";
  EXPECT_EQ(reader.unacknowledged(), 10U << 20);
  put(reader, "\nafter\n", out);
  EXPECT_EQ(out.lines, (std::vector<std::string>{"before", "after"}));
  EXPECT_EQ(reader.oversized(), 1U);
}

TEST(LineReader, AcknowledgesALineWhenTheNextIsRequested) {
  LineReader reader(4);
  Lines ignored;
  const std::string_view input = "ab\ncd\r\ntoolong\nef\ngh";
  const auto space = reader.space();
  std::copy(input.begin(), input.end(), space.begin());
  reader.add(input.size());
  const struct {
    const char* why;
    std::optional<std::string_view> line;
    std::string_view open;
  } steps[] = {
      {"returned, not acknowledged", "ab", "ab\ncd\r\ntoolong\nef\ngh"},
      {"acknowledges the first", "cd", "cd\r\ntoolong\nef\ngh"},
      {"a skipped line is acknowledged", "ef", "ef\ngh"},
      {"no further line: the partial line remains", std::nullopt, "gh"},
      {"again", std::nullopt, "gh"},
  };
  for (const auto& step : steps) {
    SCOPED_TRACE(step.why);
    EXPECT_EQ(reader.next(), step.line);
    EXPECT_EQ(reader.unacknowledged(), step.open.size());
  }
}

TEST(LineReader, ReturnsTheBytesBeforeThePartialLine) {
  const std::string long_line(100, 'x');
  const struct {
    const char* why;
    std::string before;  ///< the start of the stream
    std::string input;
    int lines;  ///< read
    std::string expected;
  } cases[] = {
      {"nothing", "", "", 0, ""},
      {"the bytes before the start of the stream", "was\n", "", 0, "was\n"},
      {"and the returned lines", "was\n", "ab\ncd\nef\n", 2, "was\nab\ncd\n"},
      {"not the partial line", "", "ab\ncd", 2, "ab\n"},
      {"up to 64 bytes", "", long_line + "\nab\n", 2, long_line.substr(0, 60) + "\nab\n"},
      {"not the line that is being skipped", "", "ab\n" + long_line + long_line, 2, "ab\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    LineReader reader(100);
    reader.start(c.before);
    const auto space = reader.space();
    std::copy(c.input.begin(), c.input.end(), space.begin());
    reader.add(c.input.size());
    for (int i = 0; i < c.lines; ++i) reader.next();
    EXPECT_EQ(reader.before_pending(), c.expected);
    if (!reader.next()) {
      reader.space();
      EXPECT_TRUE(reader.before_pending().ends_with(c.expected)) << "the same after more space was made";
    }
  }
}

TEST(LineReader, CountsTheNulsThatItSkips) {
  LineReader reader(100);
  Lines out;
  const std::string block(1 << 20, '\0');
  for (int mebibyte = 0; mebibyte < 10; ++mebibyte) put(reader, block, out);
  put(reader, "ab\n", out);
  put(reader, std::string("\0\0cd\n", 5), out);
  EXPECT_EQ(out.lines, (std::vector<std::string>{"ab", "cd"}));
  EXPECT_EQ(reader.nul_bytes(), (10U << 20U) + 2);
  EXPECT_EQ(reader.oversized(), 0U);
}

}  // namespace
}  // namespace mre
