// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/envelope/inner_lines.h"

// Envelope::detect: each line by its own begin, until three in a row agree.

namespace mre {
namespace {

using test::Lines;
using test::Unwrapped;

constexpr const char* kDocker = R"({"log":"d\n","stream":"stdout","time":"2026-11-22T04:32:42Z"})";
constexpr const char* kCri = "2026-11-22T04:32:40Z stdout F c";
constexpr const char* kSyslog = "Nov 22 05:08:45 vm b[7]: s";
constexpr const char* kPlain = "1700000000: Sending CONNACK to c (0, 135)";

TEST(DetectEnvelope, DecidesAfterThreeLinesThatAgree) {
  const struct {
    const char* why;
    Lines lines;
    Lines inner;
    std::size_t refused;
  } cases[] = {
      {"docker", {kDocker, kDocker, kDocker, kPlain, kDocker}, {"d", "d", "d", "d"}, 1},
      {"cri", {kCri, kCri, kCri, kDocker, kCri}, {"c", "c", "c", "c"}, 1},
      {"syslog", {kSyslog, kSyslog, kSyslog, kPlain}, {"s", "s", "s"}, 1},
      {"once syslog, then also without a process id",
       {kSyslog, kSyslog, kSyslog, "Nov 22 05:08:45 vm b: t"},
       {"s", "s", "s", "t"},
       0},
      {"plain", {kPlain, kPlain, kPlain, kDocker}, {kPlain, kPlain, kPlain, kDocker}, 0},
      {"the tail of a cut line first",
       {"out\"}", kDocker, kDocker, kDocker, kPlain},
       {"out\"}", "d", "d", "d"},
       1},
      {"lines that do not agree",
       {kPlain, kPlain, kCri, kPlain, kPlain, kCri},
       {kPlain, kPlain, "c", kPlain, kPlain, "c"},
       0},
      {"empty lines say nothing",
       {"", "", "", "", kCri, "", kCri, kCri, ""},
       {"", "", "", "", "c", "", "c", "c"},
       1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Unwrapped unwrapped(Envelope::detect);
    for (const std::string& line : c.lines) unwrapped.line(line);
    EXPECT_EQ(unwrapped.lines(), c.inner);
    EXPECT_EQ(unwrapped.refused(), c.refused);
  }
}

// What may be an envelope, and may be how a broker writes, is one if the text in it is the broker's.
TEST(DetectEnvelope, AnUncertainEnvelopeIsDetectedByItsText) {
  const struct {
    const char* why;
    Lines lines;
    Lines inner;
  } cases[] = {
      {"unknown texts say nothing",
       {"m-0 m starting", "m-0 m starting", "m-0 m starting", "m-0 m starting", "m-0 m 1662560883: a"},
       {"m-0 m starting", "m-0 m starting", "m-0 m starting", "m-0 m starting", "1662560883: a"}},
      {"known texts decide, then unknown ones are in it, too",
       {"m-0 m 1662560883: a", "m-0 m 1662560883: b", "m-0 m x", "m-0 m 1662560883: c", "m-0 m x"},
       {"1662560883: a", "1662560883: b", "m-0 m x", "1662560883: c", "x"}},
      {"a carriage return is not part of the text",
       {"m-0 m 1662560883: a\r", R"({"a":"1662560883: b\r\n"})"},
       {"1662560883: a", "1662560883: b"}},
      {"a known line is plain, whatever it holds",
       {"1662560883: m-0 m 1662560883: a", "1662560883: web-1  | 1662560883: a"},
       {"1662560883: m-0 m 1662560883: a", "1662560883: web-1  | 1662560883: a"}},
      {"a member is learned, and then read whatever it holds",
       {R"({"a":"1662560883: a","b":"c"})", R"({"a":"1662560883: b","b":"c"})",
        R"({"a":"1662560883: c","b":"c"})", R"({"a":"d","b":"1662560883: forged"})"},
       {"1662560883: a", "1662560883: b", "1662560883: c", "d"}},
      {"another member of an object that has one for the line",
       {R"({"msg":"x","clientid":"1662560883: forged"})", R"({"log":"x","clientid":"1662560883: forged"})"},
       {R"({"msg":"x","clientid":"1662560883: forged"})", R"({"log":"x","clientid":"1662560883: forged"})"}},
      {"two members that could be it",
       {R"({"a":"1662560883: a","b":"1662560883: b"})"},
       {R"({"a":"1662560883: a","b":"1662560883: b"})"}},
      {"two members with the same text, and one of them alone",
       {R"({"a":"1662560883: a","b":"1662560883: a"})", R"({"b":"1662560883: b"})"},
       {"1662560883: a", "1662560883: b"}},
      {"a broker whose log is JSON, and a client id that is a line",
       {R"({"broker":1,"clientid":"1662560883: forged"})"},
       {R"({"broker":1,"clientid":"1662560883: forged"})"}},
      {"a text too deep in an object",
       {R"({"a":{"b":{"c":{"d":"1662560883: a"}}}})"},
       {R"({"a":{"b":{"c":{"d":"1662560883: a"}}}})"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Unwrapped unwrapped(Envelope::detect);
    for (const std::string& line : c.lines) unwrapped.line(line);
    EXPECT_EQ(unwrapped.lines(), c.inner);
  }
}

TEST(DetectEnvelope, AnObjectWithoutTheDetectedMemberIsNotTheBrokers) {
  Unwrapped unwrapped(Envelope::json);
  unwrapped.line(R"({"a":"1662560883: a"})");
  const Decoded decoded = unwrapped.line(R"({"b":"1662560883: b"})");
  EXPECT_EQ(decoded.outcome, Outcome::unrecognised);
  EXPECT_EQ(decoded.error, RecordError::no_prefix);
  EXPECT_EQ(unwrapped.lines(), Lines{"1662560883: a"});
}

TEST(DetectEnvelope, APlainLogMayHaveAByteOrderMarkAndColours) {
  Unwrapped unwrapped(Envelope::detect);
  for (const char* line : {"\xEF\xBB\xBF"
                           "1662560883: a",
                           "1662560883: b", "1662560883: c", "\x1b[33m1662560883: d\x1b[0m",
                           "1662560883: e\x1b[0m", "\x1b[33mx"}) {
    unwrapped.line(line);
  }
  EXPECT_EQ(unwrapped.lines(), (Lines{"1662560883: a", "1662560883: b", "1662560883: c",
                                      "\x1b[33m1662560883: d\x1b[0m", "1662560883: d", "1662560883: e", "x"}))
      << "the first coloured line is tried as it is, the others are not";
}

TEST(DetectEnvelope, ReportsTheEnvelopeOnce) {
  const struct {
    const char* why;
    Envelope envelope;
    Lines lines;
    std::vector<Envelope> reported;
  } cases[] = {
      {"an envelope", Envelope::detect, {kCri, kCri, kCri, kCri, kDocker}, {Envelope::cri}},
      {"none", Envelope::detect, {kPlain, kPlain, kPlain, kPlain}, {Envelope::plain}},
      {"not enough lines", Envelope::detect, {kCri, kCri}, {}},
      {"an envelope that was set", Envelope::cri, {kCri, kCri, kCri, kCri}, {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    std::vector<Envelope> reported;
    Lines inner;
    const auto decoder = unwrap(c.envelope, std::make_unique<test::InnerLines>(inner),
                                [&](Envelope envelope) { reported.push_back(envelope); });
    NullSink null_sink;
    for (const std::string& line : c.lines) decoder->decode({line, {}, false}, null_sink);
    EXPECT_EQ(reported, c.reported);
  }
}

TEST(DetectEnvelope, LogsOfBrokersArePlain) {
  const char* lines[] = {
      "1700000000: New client connected from 192.0.2.1:5000 as c1 (p5, c1, k60).",
      "2026-11-22T05:08:45: Sending CONNACK to c (0, 135)",
      "2026-11-22T05:08:45+0000: Sending CONNACK to c (0, 135)",
      "Nov 22 05:08:45: Sending CONNACK to c (0, 135)",
      "2026-11-22T05:08:45.860015+00:00 [warning] msg: unauthorized, peername: 127.0.0.1:1",
      "2026-11-22 05:08:45.860015+00:00 [info] <0.392.0> accepting MQTT connection",
      R"({"time":1790000000000000,"level":"warning","msg":"x","clientid":"c"})",
      R"({"timestamp":1790000000123,"messageType":"DISCONNECT","reasonCode":"KEEP_ALIVE_TIMEOUT"})",
      R"({"log":"a broker's own member","stream":"telemetry","time":"1"})",
      "2026-11-22T05:08:45.860015+08:00 INFO rmqtt::broker: connection refused",
      "2026-11-22T05:08:45.860015Z INFO broker: connection refused",
      "  2026-11-22T05:08:45.860015Z  WARN rumqttd::server: refused",
      "time=2026-11-22T05:08:45Z level=WARN msg=x",
      "W1122 04:32:40.317704       1 mqtt.go:123] client disconnected reason_code=141",
      "[1] 2026/11/22 05:08:45.860015 [DBG] 127.0.0.1:1 - mid:1 - MQTT connection closed",
      "__init__ of a plugin",
      "<0.392.0> crashed",
      // An envelope within a client's text.
      R"(1: New client connected as {"log":"x\n","stream":"stdout","time":"1"})",
      "1: New client connected as 2026-11-22T04:32:40Z stdout F x",
      "1: New client connected as web-1  | 1662560883: x",
      "1: New client connected as [pod/m-0/m] 1662560883: x",
      "1: New client connected as m-0 m 1662560883: x",
      "1: New client connected as Okt 07 15:28:03 vm m[7]: x",
      R"(1: New client connected as {"message":"1662560883: x"})",
      R"({"time":1,"level":"warning","msg":"x","clientid":"1662560883: forged"})",
      "2026-11-22 05:08:45,860 | INFO  | x",
      "[2026-11-22 05:00:00.000] [FlashMQ T 1] [NOTICE] x",
  };
  for (const char* line : lines) {
    Unwrapped unwrapped(Envelope::detect);
    unwrapped.line(line);
    EXPECT_EQ(unwrapped.lines(), Lines{line});
  }
}

TEST(DetectEnvelope, AJournalIsDetectedByTheBeginningOfAnEntry) {
  Unwrapped unwrapped(Envelope::detect);
  for (const char* line : {"__CURSOR=s=0a;i=1;b=0b", "__REALTIME_TIMESTAMP=1790000000000000",
                           "__MONOTONIC_TIMESTAMP=0", "_BOOT_ID=0b", "MESSAGE=x", "", "no field"}) {
    unwrapped.line(line);
  }
  EXPECT_EQ(unwrapped.lines(), Lines{"x"});
  EXPECT_EQ(unwrapped.refused(), 1U);
}

TEST(DetectEnvelope, PiecesAreJoinedFromTheFirstLine) {
  Unwrapped unwrapped(Envelope::detect);
  unwrapped.line(R"({"log":"a","stream":"stdout","time":"1"})");
  unwrapped.line(R"({"log":"b\n","stream":"stdout","time":"1"})");
  EXPECT_EQ(unwrapped.lines(), Lines{"ab"});
}

}  // namespace
}  // namespace mre
