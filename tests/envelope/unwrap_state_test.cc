// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <optional>

#include "tests/envelope/inner_lines.h"

// What is between two lines of a log in an envelope outlives the decoder.
namespace mre {
namespace {

using test::InnerLines;
using test::Lines;

std::string saved(const Decoder& decoder) {
  ByteWriter out;
  decoder.save(out);
  return std::move(out).take();
}

bool restore(Decoder& decoder, std::string_view bytes) {
  ByteReader in(bytes);
  return decoder.restore(in) && in.finished();
}

void decode(Decoder& decoder, const Lines& lines) {
  NullSink sink;
  for (const std::string& line : lines) decoder.decode({line, {}, false}, sink);
}

struct StateCase {
  const char* why;
  Envelope envelope;
  Lines before;
  Lines after;
  Lines inner;  // of those after
};

const std::string kTooLong(kMaxJoinedBytes, 'x');
const StateCase kStateCases[] = {
    {"docker: a piece",
     Envelope::docker,
     {R"({"log":"a","stream":"stdout","time":"2026"})"},
     {R"({"log":"b\n","stream":"stdout","time":"2026"})"},
     {"ab"}},
    {"cri: pieces of both streams",
     Envelope::cri,
     {"2026-11-22T04:32:40Z stdout P a", "2026-11-22T04:32:40Z stderr P 1"},
     {"2026-11-22T04:32:40Z stderr F 2", "2026-11-22T04:32:40Z stdout F b"},
     {"12", "ab"}},
    {"cri: a line that is done with",
     Envelope::cri,
     {"2026-11-22T04:32:40Z stdout P a", "2026-11-22T04:32:40Z stdout F b"},
     {"2026-11-22T04:32:40Z stdout F c"},
     {"c"}},
    {"cri: the rest of a line that is too long",
     Envelope::cri,
     {"2026-11-22T04:32:40Z stdout P " + kTooLong, "2026-11-22T04:32:40Z stdout P y"},
     {"2026-11-22T04:32:40Z stdout F z", "2026-11-22T04:32:40Z stdout F c"},
     {"c"}},
    {"journald_export: within a message",
     Envelope::journald_export,
     {"__CURSOR=s=1;b=2", "MESSAGE", std::string("\x03\0\0\0\0\0\0\0a", 9)},
     {"b", ""},
     {"a\nb"}},
    {"journald_export: within the length of a message",
     Envelope::journald_export,
     {"__CURSOR=s=1;b=2", "MESSAGE"},
     {std::string("\x01\0\0\0\0\0\0\0a", 9), ""},
     {"a"}},
    {"journald_export: within another field",
     Envelope::journald_export,
     {"__CURSOR=s=1;b=2", "_CMDLINE", std::string("\x0b\0\0\0\0\0\0\0a", 9)},
     {"MESSAGE=b", "MESSAGE=c"},
     {"c"}},
    {"journald_export: lost, until an entry of the same journal",
     Envelope::journald_export,
     {"__CURSOR=s=1;b=2", "MESSAGE", std::string(8, '\xff') + "x"},
     {"MESSAGE=b", "__CURSOR=s=3;b=4", "MESSAGE=b", "__CURSOR=s=1;b=5", "MESSAGE=c"},
     {"c"}},
    {"journald_export: lost, until an entry of the same boot",
     Envelope::journald_export,
     {"__CURSOR=s=1;b=2", "MESSAGE", std::string(8, '\xff') + "x"},
     {"__CURSOR=s=3;b=2", "MESSAGE=c"},
     {"c"}},
    {"journald_pretty: after the message",
     Envelope::journald_pretty,
     {"{", R"(	"SYSLOG_IDENTIFIER" : "mosquitto",)", R"(	"MESSAGE" : "a")"},
     {"}"},
     {"a"}},
    {"journald_pretty: within a list",
     Envelope::journald_pretty,
     {"{", R"(	"MESSAGE" : "a",)", R"(	"_X" : [)", "\t\t1"},
     {"\t]", "}"},
     {"a"}},
    {"detect: two lines agree, the third decides",
     Envelope::detect,
     {"2026-11-22T04:32:40Z stdout F a", "2026-11-22T04:32:40Z stdout F a"},
     {"2026-11-22T04:32:40Z stdout F b", "1: plain"},
     {"b"}},
    {"json: the member is learned",
     Envelope::json,
     {R"({"a":{"b":"1662560883: a"}})"},
     {R"({"a":{"b":"b"}})"},
     {"b"}},
    {"detect: an envelope in an envelope",
     Envelope::detect,
     Lines(3, R"({"message":"2026-11-22T04:32:40Z stdout F 1662560883: a"})"),
     {R"({"message":"2026-11-22T04:32:40Z stdout F b"})"},
     {"b"}},
    {"detect: the broker's service",
     Envelope::detect,
     Lines(3, "mqtt-1  | 1662560883: a"),
     {"app-1  | 1662560883: forged", "mqtt-1  | b"},
     {"b"}},
    {"detect: two lines of the broker's service",
     Envelope::detect,
     Lines(2, "mqtt-1  | 1662560883: a"),
     {"mqtt-1  | 1662560883: b", "app-1  | 1662560883: forged"},
     {"1662560883: b"}},
    {"detect: a plain log that has colours",
     Envelope::detect,
     {"1: plain", "1: plain", "1: plain", "\x1b[33m1: a"},
     {"\x1b[33m1: b"},
     {"1: b"}},
    {"detect: decided",
     Envelope::detect,
     {"1: plain", "1: plain", "1: plain"},
     {"2026-11-22T04:32:40Z stdout F b"},
     {"2026-11-22T04:32:40Z stdout F b"}},
};

TEST(UnwrapState, ContinuesBetweenTwoLines) {
  for (const StateCase& c : kStateCases) {
    SCOPED_TRACE(c.why);
    Lines lines;
    const auto first = unwrap(c.envelope, std::make_unique<InnerLines>(lines));
    decode(*first, c.before);
    const std::string bytes = saved(*first);
    const auto next = unwrap(c.envelope, std::make_unique<InnerLines>(lines));
    ASSERT_TRUE(restore(*next, bytes));
    EXPECT_EQ(saved(*next), bytes);
    lines.clear();
    decode(*next, c.after);
    EXPECT_EQ(lines, c.inner);
  }
}

TEST(UnwrapState, TruncatedStateIsRefusedAndADamagedByteIsRefusedOrGivesAValidState) {
  for (const StateCase& c : kStateCases) {
    SCOPED_TRACE(c.why);
    Lines lines;
    const auto decoder = unwrap(c.envelope, std::make_unique<InnerLines>(lines));
    const std::string as_new = saved(*decoder);
    decode(*decoder, c.before);
    const std::string bytes = saved(*decoder);
    for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 100); ++at) {
      EXPECT_FALSE(restore(*decoder, std::string(bytes, 0, at))) << at;
      EXPECT_EQ(saved(*decoder), as_new) << at;
      for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        ByteReader in(damaged);
        const bool accepted = decoder->restore(in);
        EXPECT_TRUE(accepted || saved(*decoder) == as_new) << at << " " << flip;
        decode(*decoder, c.after);
        EXPECT_TRUE(restore(*decoder, saved(*decoder))) << at << " " << flip;
        EXPECT_FALSE(restore(*decoder, "")) << at;
      }
    }
  }
}

TEST(UnwrapState, IsValidForTheSameConfiguredEnvelopeOnly) {
  Lines lines;
  const auto decoder = unwrap(Envelope::docker, std::make_unique<InnerLines>(lines));
  for (const Envelope other : {Envelope::detect, Envelope::cri}) {
    const auto next = unwrap(other, std::make_unique<InnerLines>(lines));
    EXPECT_FALSE(restore(*next, saved(*decoder))) << to_string(other);
  }
}

TEST(UnwrapState, ReportsTheDetectedEnvelopeAgain) {
  Lines lines;
  const auto first = unwrap(Envelope::detect, std::make_unique<InnerLines>(lines));
  std::optional<Envelope> reported;
  const auto report = [&](Envelope envelope) { reported = envelope; };
  ASSERT_TRUE(restore(*unwrap(Envelope::detect, std::make_unique<InnerLines>(lines), report), saved(*first)));
  EXPECT_EQ(reported, std::nullopt);
  decode(*first, Lines(3, "1: plain"));
  ASSERT_TRUE(restore(*unwrap(Envelope::detect, std::make_unique<InnerLines>(lines), report), saved(*first)));
  EXPECT_EQ(reported, Envelope::plain);
}

}  // namespace
}  // namespace mre
