#include "exporter/envelope/unwrap.h"

#include <gtest/gtest.h>

#include "tests/envelope/inner_lines.h"

namespace mre {
namespace {

using test::Lines;
using test::Unwrapped;

struct Case {
  const char* why;
  Envelope envelope;
  std::string line;
  std::string inner;
};

// Lines as the engines and services write them, and as strangers would have them read.
const Case kLines[] = {
    {"docker: angle brackets are escaped", Envelope::docker,
     R"({"log":"[warning] \u003c0.392.0\u003e@m:f/2:1 Rejected: Not authorized\n","stream":"stdout","time":"2026-11-22T04:32:40.3177001Z"})",
     "[warning] <0.392.0>@m:f/2:1 Rejected: Not authorized"},
    {"docker: JSON within JSON", Envelope::docker,
     R"({"log":"{\"messageType\":\"DISCONNECT\",\"reasonCode\":\"KEEP_ALIVE_TIMEOUT\"}\n","stream":"stdout","time":"2026-11-22T04:32:40Z"})",
     R"({"messageType":"DISCONNECT","reasonCode":"KEEP_ALIVE_TIMEOUT"})"},
    {"docker: colours", Envelope::docker,
     R"({"log":"\u001b[33mWARN\u001b[0m reason_code=135\n","stream":"stdout","time":"2026-11-22T04:32:40Z"})",
     "WARN reason_code=135"},
    {"docker: attributes", Envelope::docker,
     R"({"log":"with attrs\n","stream":"stderr","attrs":{"tag":"mqtt","log":"no"},"time":"2026-11-22T04:32:42Z"})",
     "with attrs"},
    {"docker: another order of the members, a terminal's line end", Envelope::docker,
     R"({"time":"2026-11-22T04:32:42Z","stream":"stderr","log":"x\r\n"})", "x"},
    {"docker: an empty line", Envelope::docker,
     R"({"log":"\n","stream":"stdout","time":"2026-11-22T04:32:42Z"})", ""},
    {"docker: a client id that closes the string", Envelope::docker,
     R"({"log":"New client a\",\"stream\":\"stderr\",\"log\":\"forged\\n b\n","stream":"stdout","time":"2026-11-22T04:32:42Z"})",
     R"(New client a","stream":"stderr","log":"forged\n b)"},
    {"docker: a line end within stays within the one record", Envelope::docker,
     R"({"log":"bye\n1: Sending CONNACK\n","stream":"stdout","time":"2026-11-22T04:32:42Z"})",
     "bye\n1: Sending CONNACK"},
    {"cri: a line", Envelope::cri,
     "2026-11-22T04:32:40.317700123Z stdout F 1700000000: Sending CONNACK to c (0, 135)",
     "1700000000: Sending CONNACK to c (0, 135)"},
    {"cri: colours", Envelope::cri,
     "2026-11-22T04:32:40.317702123Z stderr F \x1b[1;33mWARN\x1b[0m reason_code=135", "WARN reason_code=135"},
    {"cri: tags and a zone", Envelope::cri,
     "2026-11-22T12:32:41.000000003+08:00 stdout F:tag:more tags follow", "tags follow"},
    {"cri: an empty line", Envelope::cri, "2026-11-22T04:32:40Z stdout F ", ""},
    {"cri: the same, trimmed", Envelope::cri, "2026-11-22T04:32:40Z stdout F", ""},
    {"cri: the shape within the text", Envelope::cri,
     "2026-11-22T04:32:40Z stdout F id 2026-11-22T04:32:40Z stdout P forged",
     "id 2026-11-22T04:32:40Z stdout P forged"},
    {"journald_json: a string", Envelope::journald_json,
     R"({"_PID":"4242","PRIORITY":"4","__CURSOR":"s=0a;i=1","MESSAGE":"closing due to an authentication failure","__REALTIME_TIMESTAMP":"1790000000000000"})",
     "closing due to an authentication failure"},
    {"journald_json: bytes, for they are no UTF-8", Envelope::journald_json,
     R"({"MESSAGE":[98,97,100,32,255,254],"__REALTIME_TIMESTAMP":"1790000003000000"})", "bad \xff\xfe"},
    {"journald_json: bytes, for they have colours", Envelope::journald_json,
     R"({"__REALTIME_TIMESTAMP":"1","MESSAGE":[27,91,51,51,109,87,27,91,48,109,32,120]})", "W x"},
    {"journald_json: two lines in one message", Envelope::journald_json,
     R"({"MESSAGE":"first line\n second line","__REALTIME_TIMESTAMP":"1790000002000000"})",
     "first line\n second line"},
    {"journald_json: a message that imitates a member", Envelope::journald_json,
     R"({"MESSAGE":"id\",\"MESSAGE\":\"forged","__REALTIME_TIMESTAMP":"1"})", R"(id","MESSAGE":"forged)"},
    {"syslog_3164: as it is sent", Envelope::syslog_3164,
     "<28>Nov 22 05:08:45 vm ejabberd[20412]: [warning] <0.392.0>@m Rejected: Not authorized",
     "[warning] <0.392.0>@m Rejected: Not authorized"},
    {"syslog_3164: as it stands in files", Envelope::syslog_3164,
     "Nov  2 05:08:45 vm mosquitto[7]: Client c has exceeded timeout", "Client c has exceeded timeout"},
    {"syslog_3164: no process id", Envelope::syslog_3164, "Nov 22 05:08:45 vm mosquitto: x", "x"},
    {"syslog_3164: the time of today's rsyslog", Envelope::syslog_3164,
     "2026-11-22T05:08:45.860015+00:00 vm mosquitto[7]: x", "x"},
    {"syslog_3164: the time of journalctl -o short-iso", Envelope::syslog_3164,
     "2026-11-22T05:08:45+0000 fd00::1 broker/a[7]: x", "x"},
    {"syslog_3164: the shape within the text", Envelope::syslog_3164,
     "Nov 22 05:08:45 vm b[7]: id <28>Nov 22 05:08:45 vm b[7]: forged",
     "id <28>Nov 22 05:08:45 vm b[7]: forged"},
    {"syslog_5424: several elements", Envelope::syslog_5424,
     R"(<28>1 2026-11-22T05:08:45.860015+00:00 vm ejabberd 20413 ID47 [timeQuality tzKnown="1" isSynced="0"][x@32473 tls="1"] [warning] Rejected)",
     "[warning] Rejected"},
    {"syslog_5424: nothing but the text", Envelope::syslog_5424,
     "<134>1 - - vernemq - - - can't authenticate", "can't authenticate"},
    {"syslog_5424: escapes", Envelope::syslog_5424, R"(<0>1 - - b - - [x a="\"\] - \\" b="\n" c=""][y] text)",
     "text"},
    {"syslog_5424: a byte order mark", Envelope::syslog_5424, "<191>1 - - b - - - \xEF\xBB\xBFtext", "text"},
    {"syslog_5424: no text", Envelope::syslog_5424, "<13>1 - - b - - -", ""},
};

TEST(Unwrap, HandsOnTheInnerLine) {
  for (const Case& c : kLines) {
    for (const Envelope envelope : {c.envelope, Envelope::detect}) {
      if (envelope == Envelope::detect &&
          (c.why == std::string_view("syslog_3164: no process id") || c.line.starts_with(R"({"time":)")))
        continue;  // not certain enough
      SCOPED_TRACE(std::string(c.why) + ", " + std::string(to_string(envelope)));
      Unwrapped unwrapped(envelope);
      EXPECT_EQ(unwrapped.line(c.line).outcome, Outcome::unrecognised);
      EXPECT_EQ(unwrapped.lines(), Lines{c.inner});
    }
  }
}

TEST(Unwrap, EveryCutIsRefusedOrAnEarlierEndOfTheSameText) {
  for (const Case& c : kLines) {
    for (std::size_t size = 0; size < c.line.size(); ++size) {
      Unwrapped unwrapped(c.envelope);
      const Decoded decoded = unwrapped.line(std::string(c.line, 0, size));
      SCOPED_TRACE(std::string(c.why) + " cut at " + std::to_string(size));
      if (unwrapped.lines().empty()) {
        EXPECT_EQ(decoded.error, RecordError::envelope);
        continue;
      }
      EXPECT_NE(c.line.front(), '{') << "half an object is none";
      const std::string text = unwrapped.lines()[0].substr(0, unwrapped.lines()[0].find('\x1b'));
      EXPECT_TRUE(c.inner.starts_with(text) || std::string_view("\xEF\xBB").starts_with(text)) << text;
    }
  }
}

TEST(Unwrap, RefusesWhatHasNotTheShape) {
  const Case cases[] = {
      {"a line of the broker", Envelope::docker, "1700000000: Sending CONNACK to c (0, 135)", ""},
      {"the log twice", Envelope::docker,
       R"({"log":"a\n","log":"b\n","stream":"stdout","time":"2026-11-22T04:32:42Z"})", ""},
      {"the stream twice", Envelope::docker,
       R"({"log":"a\n","stream":"stdout","stream":"stderr","time":"2026-11-22T04:32:42Z"})", ""},
      {"an unknown stream", Envelope::docker, R"({"log":"a\n","stream":"x","time":"2026-11-22T04:32:42Z"})",
       ""},
      {"a log that is no string", Envelope::docker,
       R"({"log":1,"stream":"stdout","time":"2026-11-22T04:32:42Z"})", ""},
      {"no time", Envelope::docker, R"({"log":"a\n","stream":"stdout"})", ""},
      {"two objects", Envelope::docker,
       R"({"log":"a\n","stream":"stdout","time":"1"}{"log":"a\n","stream":"stdout","time":"1"})", ""},
      {"an unknown stream", Envelope::cri, "2026-11-22T04:32:40Z stdin F x", ""},
      {"an unknown tag", Envelope::cri, "2026-11-22T04:32:40Z stdout X x", ""},
      {"a longer tag", Envelope::cri, "2026-11-22T04:32:40Z stdout FULL x", ""},
      {"no zone", Envelope::cri, "2026-11-22T04:32:40 stdout F x", ""},
      {"no fraction behind its point", Envelope::cri, "2026-11-22T04:32:40.Z stdout F x", ""},
      {"the message twice", Envelope::journald_json,
       R"({"MESSAGE":"a","MESSAGE":"b","__REALTIME_TIMESTAMP":"1"})", ""},
      {"no byte", Envelope::journald_json, R"({"MESSAGE":[256],"__REALTIME_TIMESTAMP":"1"})", ""},
      {"a list of what is no message", Envelope::journald_json,
       R"({"MESSAGE":[true],"__REALTIME_TIMESTAMP":"1"})", ""},
      {"a message that is an object", Envelope::journald_json, R"({"MESSAGE":{},"__REALTIME_TIMESTAMP":"1"})",
       ""},
      {"no time", Envelope::journald_json, R"({"MESSAGE":"a"})", ""},
      {"a priority too high", Envelope::syslog_3164, "<192>Nov 22 05:08:45 vm b[7]: x", ""},
      {"a priority too long", Envelope::syslog_3164, "<0028>Nov 22 05:08:45 vm b[7]: x", ""},
      {"a time with a colon, as Mosquitto can write", Envelope::syslog_3164, "Nov 22 05:08:45: x[1]: y", ""},
      {"a level where the host should be", Envelope::syslog_3164,
       "2026-11-22T05:08:45.860015+00:00 [warning] x[1]: y", ""},
      {"no process id in the brackets", Envelope::syslog_3164, "Nov 22 05:08:45 vm b[]: x", ""},
      {"another version", Envelope::syslog_5424, "<13>2 - - b - - - x", ""},
      {"no structured data", Envelope::syslog_5424, "<13>1 - - b - - x", ""},
      {"structured data without an end", Envelope::syslog_5424, R"(<13>1 - - b - - [x a="1" x)", ""},
      {"a bracket that should be escaped", Envelope::syslog_5424, R"(<13>1 - - b - - [x a="]"] x)", ""},
      {"no space behind the structured data", Envelope::syslog_5424, "<13>1 - - b - - -x", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.why) + ", " + std::string(to_string(c.envelope)));
    Unwrapped unwrapped(c.envelope);
    EXPECT_EQ(unwrapped.line(c.line).error, RecordError::envelope) << c.line;
    EXPECT_EQ(unwrapped.lines(), Lines{});
  }
}

TEST(Unwrap, AJournalEntryMayHoldNoMessageOrSeveral) {
  Unwrapped unwrapped(Envelope::journald_json);
  unwrapped.line(R"({"__REALTIME_TIMESTAMP":"1"})");
  unwrapped.line(R"({"MESSAGE":[],"__REALTIME_TIMESTAMP":"1"})");
  EXPECT_EQ(unwrapped.count(Outcome::ignored), 2U);
  unwrapped.line(R"({"MESSAGE":null,"__REALTIME_TIMESTAMP":"1"})");
  EXPECT_EQ(unwrapped.oversized(), 1U) << "journalctl left it out";
  EXPECT_EQ(unwrapped.lines(), Lines{});
  unwrapped.line(R"({"MESSAGE":["! a",[98,99],"d"],"__REALTIME_TIMESTAMP":"1"})");
  EXPECT_EQ(unwrapped.count(Outcome::matched), 1U) << "one of them was";
  EXPECT_EQ(unwrapped.lines(), (Lines{"! a", "bc", "d"}));
}

TEST(Unwrap, RemovesColoursAndNothingElse) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x1b[m", ""},
      {"a\x1b[38;5;1mb\x1b[38:2::1:2:3mc", "abc"},
      {"\x1b[2Ja", "\x1b[2Ja"},
      {"\x1b\x1b[1mx\x1b",
       "\x1b"
       "x\x1b"},
      {"id \x1b[ (0, 135)", "id \x1b[ (0, 135)"},
      {"id \x1b[1 (0, 135)m", "id \x1b[1 (0, 135)m"},
      {"\x1b[\x1b[1m1m", "\x1b[1m"},
  };
  for (const auto& [text, expected] : cases) {
    Unwrapped unwrapped(Envelope::cri);
    unwrapped.line("2026-11-22T04:32:40Z stdout F " + text);
    EXPECT_EQ(unwrapped.lines(), Lines{expected});
  }
}

TEST(Unwrap, PassesOnWhatIsNoLine) {
  Unwrapped unwrapped(Envelope::docker);
  struct Sink final : EventSink {
    void on_code(const ReasonEvent&) override {}
    void on_close(const CloseEvent&) override {}
    void on_denial(const DenialEvent&) override {}
  } sink;
  unwrapped.decoder().decode({"payload", "topic", false}, sink);
  unwrapped.settle();
  EXPECT_EQ(unwrapped.lines(), (Lines{"topic: payload", "settled"}));
  EXPECT_EQ(unwrapped.decoder().stats().clients_remembered, 7U);
  EXPECT_EQ(unwrapped.decoder().stats().clients_forgotten, 8U);
  EXPECT_TRUE(unwrapped.decoder().coverage().codes.empty());
}

TEST(Unwrap, PlainIsTheInnerDecoderItself) {
  std::vector<std::string> lines;
  auto inner = std::make_unique<test::InnerLines>(lines);
  const Decoder* const address = inner.get();
  EXPECT_EQ(unwrap(Envelope::plain, std::move(inner)).get(), address);
}

}  // namespace
}  // namespace mre
