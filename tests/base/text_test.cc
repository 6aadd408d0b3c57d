// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace mre {
namespace {

using namespace std::string_literals;

struct Case {
  std::string text;
  std::string expected;
  std::string_view why;
};

TEST(Text, PrintableReturnsOneSafeLine) {
  const Case kCases[] = {
      {"", "", "empty"},
      {"client-1 äöü 漢字 🙂", "client-1 äöü 漢字 🙂", "text stays text"},
      {"a\nb\r\tc\0d\x1B[31m"s, "a\\x0Ab\\x0D\\x09c\\x00d\\x1B[31m", "C0"},
      {"\x7F", "\\x7F", "DEL"},
      {"\xC2\x85\xC2\x9B", "\\x85\\x9B", "C1: next line, CSI"},
      {"\xE2\x80\xA8\xE2\x80\xA9", "\\u{2028}\\u{2029}", "line and paragraph separator"},
      {"\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F", "\\u{202E}\\u{2066}\\u{200F}", "bidirectional controls"},
      {"a\xFFz", "a\uFFFDz", "not UTF-8"},
      {"\xC0\xAF", "\uFFFD\uFFFD", "overlong slash"},
      {"\xE0\x80\xAF", "\uFFFD\uFFFD\uFFFD", "overlong in three bytes"},
      {"\xF0\x80\x80\xAF", "\uFFFD\uFFFD\uFFFD\uFFFD", "overlong in four bytes"},
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD", "surrogate"},
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD", "above U+10FFFF"},
      {"\xE6\xBCx", "\uFFFD\uFFFDx", "a cut character, then text"},
      {"\x80", "\uFFFD", "continuation byte without a lead byte"},
  };
  for (const Case& c : kCases) EXPECT_EQ(printable(c.text), c.expected) << c.why;
}

TEST(Text, IsUtf8AcceptsCompleteCharactersOnly) {
  for (const std::string& good :
       {""s, "plain ASCII, longer than a word"s, "\0"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s,
        "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s}) {
    EXPECT_TRUE(is_utf8(good));
  }
  for (const std::string& bad :
       {"\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s, "\xED\xBF\xBF"s, "\xF0\x8F\xBF\xBF"s,
        "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFE"s, "12345678\xFF"s, "1234567\xFF"s}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Text, HandlesEveryCutOfMultiByteText) {
  const std::string text = "aé漢🙂\xE2\x80\xAE z";
  const auto begins_character = [&](std::size_t i) {
    return i == text.size() || (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80;
  };
  for (std::size_t from = 0; from <= text.size(); ++from) {
    for (std::size_t to = from; to <= text.size(); ++to) {
      const std::string part = text.substr(from, to - from);
      const bool whole = begins_character(from) && begins_character(to);
      EXPECT_EQ(is_utf8(part), whole || part.empty()) << from << ' ' << to;
      EXPECT_TRUE(is_utf8(printable(part))) << from << ' ' << to;
    }
  }
}

TEST(Text, PrintableKeepsItsLimitAtEveryLength) {
  const std::string text = "aé漢🙂\n\xE2\x80\xAE\xFF z";
  const std::string whole = printable(text);
  for (std::size_t max = 0; max <= whole.size() + 2; ++max) {
    const std::string cut = printable(text, max);
    EXPECT_LE(cut.size(), max);
    EXPECT_TRUE(is_utf8(cut)) << max;
    if (max >= whole.size()) {
      EXPECT_EQ(cut, whole) << max;
    } else if (max >= 3) {
      ASSERT_TRUE(cut.ends_with("…")) << max;
      EXPECT_TRUE(whole.starts_with(cut.substr(0, cut.size() - 3))) << max;
    }
  }
  EXPECT_EQ(printable(std::string(300, 'x')).size(), 256U);
  EXPECT_EQ(printable("abcdef", 5), "ab…");
}

TEST(Text, EscapesForHtml) {
  EXPECT_EQ(html_escape("<a href=\"x\" id='y'>&amp;é"),
            "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;é");
}

TEST(Text, EscapesForJson) {
  EXPECT_EQ(json_escape("\"\\/\n\t\x1F\x7Fé"), "\\\"\\\\/\\u000A\\u0009\\u001F\x7Fé");
  EXPECT_EQ(json_escape("\0"s), "\\u0000");
}

TEST(LowerCase, ChangesTheLettersOfAsciiAlone) {
  EXPECT_EQ(lower_case("Keep-Alive_09@[`{ \xC3\x84"), "keep-alive_09@[`{ \xC3\x84");
  EXPECT_TRUE(equal_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_FALSE(equal_ignoring_case("content", "content-length"));
  EXPECT_FALSE(equal_ignoring_case("[", "{")) << "32 apart, as A and a";
}

}  // namespace
}  // namespace mre
