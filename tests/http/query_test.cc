// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/query.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

TEST(Query, IsDecodedAsFormsEncodeIt) {
  const struct {
    const char* why;
    std::string_view text;
    Parameters parameters;
  } cases[] = {
      {"no query", "", {}},
      {"an empty one", "?", {}},
      {"one parameter", "?q=0x87", {{"q", "0x87"}}},
      {"blanks", "?q=not+auth%20x", {{"q", "not auth x"}}},
      {"a name without a value", "?q", {{"q", ""}}},
      {"a value with =", "?q=a=b", {{"q", "a=b"}}},
      {"an encoded name and separators", "?%71=%26%3d", {{"q", "&="}}},
      {"empty parameters", "?&a=1&&b=2&", {{"a", "1"}, {"b", "2"}}},
      {"any bytes", "?q=%00%ff%3Cscript%3e", {{"q", std::string("\0\xff<script>", 10)}}},
      {"a second question mark", "?q=a?b", {{"q", "a?b"}}},
  };
  for (const auto& c : cases) {
    const auto query = Query::parse(c.text);
    ASSERT_TRUE(query.has_value()) << c.why;
    EXPECT_EQ(query->parameters(), c.parameters) << c.why;
  }
}

TEST(Query, RefusesWhatIsMalformedOrTooMuch) {
  for (const char* text : {"?q=%", "?q=%4", "?q=%4g", "?%g4=1", "?a=1&b=100%"})
    EXPECT_FALSE(Query::parse(text).has_value()) << text;
  std::string many = "?";
  for (std::size_t i = 0; i < Query::kMaxParameters; ++i) many += "a=1&";
  EXPECT_TRUE(Query::parse(many).has_value());
  EXPECT_FALSE(Query::parse(many + "a=1").has_value());
}

TEST(Query, TheFirstValueCounts) {
  const auto query = Query::parse("?a=1&b=2&a=3").value();
  EXPECT_EQ(query.get("a"), "1");
  EXPECT_EQ(query.get("b"), "2");
  EXPECT_EQ(query.get("c"), "");
}

TEST(Query, EncodesWhatItDecodes) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  EXPECT_EQ(url_encode("a-b_c.d~1 &"), "a-b_c.d~1%20%26");
  EXPECT_EQ(Query::parse("?q=" + url_encode(bytes)).value().get("q"), bytes);
}

}  // namespace
}  // namespace mre
