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

TEST(JsonMembers, GathersTheCodesOfAListOfObjects) {
  const std::vector<std::pair<Field, std::string>> wanted = {{Field::client, "clientId"},
                                                             {Field::codes, "subs/qos"}};
  const struct {
    const char* why;
    std::string_view payload;
    bool good;
    const char* codes = "-";
  } cases[] = {
      {"two", R"({"clientId":"a","subs":[{"topic":"t","qos":128},{"qos": 1 ,"rh":0}]})", true, "[128,1]"},
      {"strings", R"({"subs":[{"qos":"a"},{"qos":"b"}]})", true, "[a,b]"},
      {"a topic that imitates a member", R"({"subs":[{"topic":"x\",\"qos\":128","qos":0}]})", true, "[0]"},
      {"a member of the same name elsewhere", R"({"qos":9,"subs":[{"x":{"qos":8},"qos":0}]})", true, "[0]"},
      {"one object has none", R"({"subs":[{"qos":0},{"topic":"t"}]})", false},
      {"one object has two", R"({"subs":[{"qos":0,"qos":128}]})", false},
      {"no plain value", R"({"subs":[{"qos":[0]}]})", false},
      {"no objects", R"({"subs":["qos"]})", false},
      {"an empty list", R"({"subs":[]})", false},
      {"the list twice", R"({"subs":[{"qos":0}],"subs":[{"qos":128}]})", false},
      {"no list", R"({"subs":{"qos":0}})", true},
      {"no such member", R"({"clientId":"a"})", true},
  };
  JsonMembers members;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    ASSERT_EQ(members.read(c.payload, wanted, captures), c.good);
    if (!c.good) continue;
    EXPECT_EQ(captures.has(Field::codes) ? captures[Field::codes] : "-", c.codes);
  }
}

TEST(JsonMembers, AnEventIsNamedByAllMembersOfItsIdentity) {
  const std::vector<std::pair<Field, std::string>> wanted = {
      {Field::client, "id"}, {Field::identity, "id"}, {Field::identity, "n"}};
  const auto identity = [&](std::string_view payload) -> std::string {
    JsonMembers members;
    Captures captures;
    if (!members.read(payload, wanted, captures)) return "unreadable";
    return captures.has(Field::identity) ? std::string(captures[Field::identity]) : "none";
  };
  EXPECT_EQ(identity(R"({"id":"a","n":1,"t":5})"), identity(R"({"id":"a","t":6,"n":1})"));
  EXPECT_NE(identity(R"({"id":"a","n":1})"), identity(R"({"id":"a","n":2})"));
  EXPECT_NE(identity(R"({"id":"a1","n":""})"), identity(R"({"id":"a","n":1})"));
  EXPECT_NE(identity(R"({"id":"a1:nn=0","n":1})"), identity(R"({"id":"a","n":"1:nn=0"})"));
  EXPECT_EQ(identity(R"({"id":"a"})"), "none");
  EXPECT_EQ(identity(R"({"id":"a","n":null})"), "none");
  EXPECT_EQ(identity(R"({"id":"a","n":1,"n":1})"), "unreadable");
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
