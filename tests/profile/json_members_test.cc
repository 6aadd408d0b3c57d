#include "exporter/profile/json_members.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

const std::vector<std::pair<Field, std::string>> kWanted = {
    {Field::why, "reason"}, {Field::protocol, "proto_ver"}, {Field::client, "clientid"}};

TEST(JsonMembers, ReadsMembersOfOneObject) {
  using namespace std::string_view_literals;
  const struct {
    const char* why;
    std::string_view payload;
    bool good;
    const char* reason = "-";
    const char* protocol = "-";
    const char* client = "-";
  } cases[] = {
      {"plain", R"({"reason":"normal","proto_ver":5,"clientid":"a"})", true, "normal", "5", "a"},
      {"blanks after a number", R"({"proto_ver": 4 , "reason" : "x"})", true, "x", "4"},
      {"escapes", R"({"clientid":"a\"b\u00e9\n"})", true, "-", "-", "a\"b\xC3\xA9\n"},
      {"nested members of the same name", R"({"props":{"reason":"no"},"reason":"yes","list":[{"reason":1}]})",
       true, "yes"},
      {"null and other types are not captured", R"({"reason":null,"clientid":["a"],"proto_ver":{}})", true},
      {"a leading NUL", "\0{\"reason\":\"0\"}"sv, true, "0"},
      {"a wanted member twice", R"({"reason":"a","reason":"b"})", false},
      {"another member twice", R"({"x":1,"x":2,"reason":"b"})", true, "b"},
      {"no object", R"(["reason"])", false},
      {"text behind the object", R"({"reason":"a"} x)", false},
      {"cut", R"({"reason":"a","clientid":"long)", false},
      {"not JSON", "offline", false},
      {"empty", "", false},
      {"deeply nested", R"({"x":[[[[[[[[[[1]]]]]]]]]],"reason":"a"})", true, "a"},
  };
  JsonMembers members;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    ASSERT_EQ(members.read(c.payload, kWanted, captures), c.good);
    if (!c.good) continue;
    EXPECT_EQ(captures.has(Field::why) ? captures[Field::why] : "-", c.reason);
    EXPECT_EQ(captures.has(Field::protocol) ? captures[Field::protocol] : "-", c.protocol);
    EXPECT_EQ(captures.has(Field::client) ? captures[Field::client] : "-", c.client);
  }
}

TEST(JsonMembers, SurvivesEveryCut) {
  const std::string_view payload =
      R"({"reason":"no\"rmal","proto_ver":5,"x":{"y":[1,2,{"z":null}]},"clientid":"\u00e9"})";
  JsonMembers members;
  for (std::size_t length = 0; length < payload.size(); ++length) {
    Captures captures;
    EXPECT_FALSE(members.read(payload.substr(0, length), kWanted, captures)) << length;
  }
}

}  // namespace
}  // namespace mre
