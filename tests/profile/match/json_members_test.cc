// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/json_members.h"

#include <gtest/gtest.h>

#include <string>

namespace mre {
namespace {

/// Members that are read from one object after another.
class Reader {
 public:
  explicit Reader(std::vector<Member> wanted) : wanted_(numbered(std::move(wanted))) {}

  bool read(std::string_view payload, Captures& captures) {
    members_.scan(payload);
    return members_.read(wanted_, captures);
  }

 private:
  std::vector<Member> numbered(std::vector<Member> members) {
    for (Member& member : members) member.number = names_.add(member.name);
    return members;
  }

  MemberNames names_;
  std::vector<Member> wanted_;
  JsonMembers members_{names_};
};

const std::vector<Member> kWantedMembers = {
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
      {"text after the object", R"({"reason":"a"} x)", false},
      {"cut", R"({"reason":"a","clientid":"long)", false},
      {"not JSON", "offline", false},
      {"empty", "", false},
      {"deeply nested", R"({"x":[[[[[[[[[[1]]]]]]]]]],"reason":"a"})", true, "a"},
  };
  Reader members(kWantedMembers);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    ASSERT_EQ(members.read(c.payload, captures), c.good);
    if (!c.good) continue;
    EXPECT_EQ(captures.has(Field::why) ? captures[Field::why] : "-", c.reason);
    EXPECT_EQ(captures.has(Field::protocol) ? captures[Field::protocol] : "-", c.protocol);
    EXPECT_EQ(captures.has(Field::client) ? captures[Field::client] : "-", c.client);
  }
}

TEST(JsonMembers, MembersForASubjectNeverMakeAnObjectInvalid) {
  const std::vector<Member> wanted = {
      {Field::why, "reason"}, {Field::user, "username"}, {Field::who, "clientid"}};
  const auto shown = [](const Captures& captures, Field field) {
    if (captures.ambiguous(field)) return std::string("?");
    return captures.has(field) ? std::string(captures[field]) : "-";
  };
  const struct {
    const char* why;
    std::string_view payload;
    const char* user;
    const char* who;
  } cases[] = {
      {"strings", R"({"reason":"r","username":"a\"b","clientid":"c"})", "a\"b", "c"},
      {"missing: no other field takes the place of the client id", R"({"reason":"r"})", "-", ""},
      {"null", R"({"reason":"r","username":null,"clientid":null})", "-", ""},
      {"twice", R"({"username":"a","reason":"r","username":"b","clientid":"c","clientid":"c"})", "?", "?"},
      {"an invalid escape", R"({"username":"a\q","reason":"r","clientid":"c"})", "-", "c"},
      {"an invalid escape in a client id", R"({"username":"u","reason":"r","clientid":"a\q"})", "u", ""},
      {"another type", R"({"username":{"a":["b"]},"clientid":[1],"reason":"r"})", "-", ""},
      {"an invalid number", R"({"username":NaN,"reason":"r","clientid":"c"})", "-", "c"},
  };
  Reader members(wanted);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    ASSERT_TRUE(members.read(c.payload, captures));
    EXPECT_EQ(captures[Field::why], "r");
    EXPECT_EQ(shown(captures, Field::user), c.user);
    EXPECT_EQ(shown(captures, Field::who), c.who);
  }
}

TEST(JsonMembers, WhatOneRuleHasReadStaysWhileAnotherReads) {
  MemberNames names;
  const std::vector<Member> first = {{Field::why, "reason", {}, names.add("reason")}};
  const std::vector<Member> second = {{Field::client, "clientid", {}, names.add("clientid")},
                                      {Field::reason_string, "reason", {}, names.add("reason")}};
  JsonMembers members(names);
  ASSERT_TRUE(members.scan(R"({"clientid":"c\"1","x":"\n","reason":"r\u0065"})"));
  Captures one;
  Captures other;
  ASSERT_TRUE(members.read(first, one));
  ASSERT_TRUE(members.read(second, other));
  EXPECT_EQ(one[Field::why], "re");
  EXPECT_EQ(other[Field::client], "c\"1");
  EXPECT_EQ(other[Field::reason_string], "re");
  ASSERT_TRUE(members.scan(R"({"x":1})"));
  ASSERT_TRUE(members.read(first, one));
  EXPECT_FALSE(one.has(Field::why));
}

TEST(JsonMembers, ReadsTheCodesOfAListOfObjects) {
  const std::vector<Member> wanted = {{Field::client, "clientId"}, {Field::codes, "subs", "qos"}};
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
  Reader members(wanted);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    ASSERT_EQ(members.read(c.payload, captures), c.good);
    if (!c.good) continue;
    EXPECT_EQ(captures.has(Field::codes) ? captures[Field::codes] : "-", c.codes);
  }
}

TEST(JsonMembers, AnIdentityNeedsAllItsMembers) {
  const std::vector<Member> wanted = {{Field::client, "id"}, {Field::identity, "id"}, {Field::identity, "n"}};
  const auto identity = [&](std::string_view payload) -> std::string {
    Reader members(wanted);
    Captures captures;
    if (!members.read(payload, captures)) return "unreadable";
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

TEST(JsonMembers, SurvivesTruncatedInput) {
  const std::string_view payload =
      R"({"reason":"no\"rmal","proto_ver":5,"x":{"y":[1,2,{"z":null}]},"clientid":"\u00e9"})";
  Reader members(kWantedMembers);
  for (std::size_t length = 0; length < payload.size(); ++length) {
    Captures captures;
    EXPECT_FALSE(members.read(payload.substr(0, length), captures)) << length;
  }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// `levels` lists, one in the other.
std::string nested(std::size_t levels) { return repeated("[", levels) + "1" + repeated("]", levels); }

// What a client that may publish to the topic can send.
TEST(JsonMembers, RefusesHostileObjectsOrReadsThemUnambiguously) {
  constexpr std::size_t deepest = JsonMembers::kMaxLevels;
  constexpr std::size_t million = 1'000'000;
  const struct {
    const char* why;
    std::string payload;
    bool good;
    const char* reason = "-";
    const char* protocol = "-";
  } cases[] = {
      {"as deep as may be", R"({"x":)" + nested(deepest - 1) + R"(,"reason":"a"})", true, "a"},
      {"one deeper", R"({"x":)" + nested(deepest) + R"(,"reason":"a"})", false},
      {"one deeper, in the wanted member", R"({"reason":)" + nested(deepest) + "}", false},
      {"1,024 deep", R"({"reason":"a","x":)" + nested(1024) + "}", false},
      {"100,000 deep", R"({"reason":"a","x":)" + nested(100'000) + "}", false},
      {"a million deep", R"({"reason":"a","x":)" + nested(million) + "}", false},
      {"a million deep and no end", repeated(R"({"x":)", million), false},
      {"a million ends too many", "{" + repeated("}", million), false},
      {"brackets in strings are text", R"({"x":")" + repeated("[{", 100) + R"(","reason":"a"})", true, "a"},
      {"after an escaped quote, too", R"({"x":"\"[[[[[[[[[[[[[[[[[[\\","reason":"[[a"})", true, "[[a"},
      {"many, but side by side", R"({"x":[)" + repeated("[],", 100) + R"([]],"reason":"a"})", true, "a"},
      {"a million objects wide", R"({"x":[)" + repeated(R"({"reason":1},)", million) + R"({}],"reason":"a"})",
       true, "a"},
      {"a million members", "{" + repeated(R"("x":1,)", million) + R"("reason":"a"})", true, "a"},
      {"a wanted member a million times", "{" + repeated(R"("reason":null,)", million) + R"("x":1})", false},
      {"twice, the first null", R"({"reason":null,"reason":"a"})", false},
      {"twice, the second null", R"({"reason":"a","reason":null})", false},
      {"twice, the first an object", R"({"reason":{},"reason":"a"})", false},
      {"twice, one written with an escape", R"({"reason":"a","r\u0065ason":"b"})", false},
      {"a key in other case is another", R"({"Reason":"b","reason":"a"})", true, "a"},
      {"the largest number of 64 bits and one more", R"({"proto_ver":18446744073709551616})", true, "-",
       "18446744073709551616"},
      {"beyond any float", R"({"proto_ver":-1.0E+400})", true, "-", "-1.0E+400"},
      {"a million digits, not wanted", R"({"x":)" + std::string(million, '9') + R"(,"reason":"a"})", true,
       "a"},
      {"NaN", R"({"proto_ver":NaN})", false},
      {"Infinity", R"({"proto_ver":Infinity})", false},
      {"-Infinity", R"({"proto_ver":-Infinity})", false},
      {"a leading zero", R"({"proto_ver":05})", false},
      {"a sign alone", R"({"proto_ver":-})", false},
      {"a plus", R"({"proto_ver":+5})", false},
      {"a point and nothing", R"({"proto_ver":5.})", false},
      {"an exponent and nothing", R"({"proto_ver":5e})", false},
      {"hexadecimal", R"({"proto_ver":0x87})", false},
      {"no null", R"({"reason":nul})", false},
      {"no boolean", R"({"proto_ver":tru})", false},
      {"a boolean and more", R"({"proto_ver":falsely})", false},
      {"NaN in an unused member", R"({"x":NaN,"reason":"a"})", true, "a"},
      {"a lone high surrogate", R"({"reason":"\uD800"})", false},
      {"a lone low surrogate", R"({"reason":"\uDC00x"})", false},
      {"surrogates in the wrong order", R"({"reason":"\uDC00\uD800"})", false},
      {"a pair", R"({"reason":"\uD83D\uDE00"})", true, "\xF0\x9F\x98\x80"},
      {"a lone surrogate in a key", R"({"\uD800":1,"reason":"a"})", false},
      {"no UTF-8, not wanted", "{\"x\":\"\xff\",\"reason\":\"a\"}", false},
      {"a surrogate in UTF-8", "{\"x\":\"\xED\xA0\x80\",\"reason\":\"a\"}", false},
      {"a control character in a string", "{\"reason\":\"a\nb\"}", false},
      {"NUL as an escape", R"({"reason":"a\u0000b"})", true, "a"},
      {"a comma too many", R"({"reason":"a",})", false},
      {"no comma", R"({"reason":"a" "x":1})", false},
      {"a bracket that is not closed, not wanted", R"({"reason":"a","x":{x})", false},
      {"a comment", R"({"reason":"a"/**/})", false},
      {"single quotes", R"({'reason':'a'})", false},
      {"another object after it", R"({"reason":"a"}{"reason":"b"})", false},
  };
  Reader members(kWantedMembers);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Captures captures;
    EXPECT_EQ(members.read(c.payload, captures), c.good);
    if (!c.good || testing::Test::HasFailure()) continue;
    EXPECT_STREQ(captures.has(Field::why) ? std::string(captures[Field::why]).c_str() : "-", c.reason);
    EXPECT_EQ(captures.has(Field::protocol) ? captures[Field::protocol] : "-", c.protocol);
  }
}

}  // namespace
}  // namespace mre
