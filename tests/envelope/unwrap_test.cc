// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/unwrap.h"

#include <gtest/gtest.h>

#include "tests/envelope/inner_lines.h"

namespace mre {
namespace {

using test::Lines;
using test::Unwrapped;

struct EnvelopeCase {
  const char* why;
  Envelope envelope;
  std::string line;
  std::string inner;
};

// Lines as the engines and services write them, and as clients would have them read.
const EnvelopeCase kLines[] = {
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
    {"journald_json: bytes, for they are not UTF-8", Envelope::journald_json,
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
    {"syslog_3164: as in files", Envelope::syslog_3164,
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
    {"syslog_3164: no host, as of snap logs", Envelope::syslog_3164,
     "2026-11-22T05:08:45Z mosquitto.daemon[713]: x", "x"},
    {"syslog_3164: busybox", Envelope::syslog_3164, "Nov 22 05:08:45 OpenWrt daemon.notice mosquitto[7]: x",
     "x"},
    {"syslog_3164: busybox without a host", Envelope::syslog_3164,
     "Nov 22 05:08:45 daemon.notice mosquitto[7]: x", "x"},
    {"syslog_3164: OpenWrt's logread", Envelope::syslog_3164,
     "Sun Nov 22 05:08:45 2026 daemon.notice mosquitto[2345]: x", "x"},
    {"syslog_3164: a year", Envelope::syslog_3164, "Nov 22 2026 05:08:45 vm mosquitto[7]: x", "x"},
    {"syslog_3164: short-precise", Envelope::syslog_3164, "Nov 22 05:08:45.860015 vm mosquitto[7]: x", "x"},
    {"syslog_3164: short-full", Envelope::syslog_3164, "Sun 2026-11-22 05:08:45 UTC vm mosquitto[7]: x", "x"},
    {"syslog_3164: short-full in another zone", Envelope::syslog_3164,
     "Sun 2026-11-22 05:08:45 +03 vm mosquitto[7]: x", "x"},
    {"syslog_3164: with-unit", Envelope::syslog_3164,
     "Sun 2026-11-22 05:08:45 CET vm user@1000.service/mos\\x2dquitto.service[713]: x", "x"},
    {"syslog_3164: short-iso-precise", Envelope::syslog_3164,
     "2026-11-22T05:08:45.860015+0000 vm mosquitto[7]: x", "x"},
    {"syslog_3164: short-unix", Envelope::syslog_3164, "1795324125.860015 vm mosquitto[7]: x", "x"},
    {"syslog_3164: short-monotonic", Envelope::syslog_3164, "[   12.345678] vm mosquitto[7]: x", "x"},
    {"syslog_3164: short-delta", Envelope::syslog_3164, "[   12.345678 <    0.000120 >] vm mosquitto[7]: x",
     "x"},
    {"syslog_3164: short-delta across boots", Envelope::syslog_3164,
     "[   12.345678 <    0.000120*>] vm mosquitto[7]: x", "x"},
    {"syslog_3164: short-delta, the first line", Envelope::syslog_3164,
     "[   12.345678                ] vm mosquitto[7]: x", "x"},
    {"syslog_3164: German", Envelope::syslog_3164, "Okt 07 15:28:03 vm mosquitto[713]: x", "x"},
    {"syslog_3164: French", Envelope::syslog_3164, "f\u00e9vr. 07 15:28:03 vm mosquitto[713]: x", "x"},
    {"syslog_3164: Russian", Envelope::syslog_3164, "\u043e\u043a\u0442 07 15:28:03 vm mosquitto[713]: x",
     "x"},
    {"syslog_3164: Japanese", Envelope::syslog_3164, " 1\u6708 07 15:28:03 vm mosquitto[713]: x", "x"},
    {"syslog_3164: a month whose beginning is another", Envelope::syslog_3164,
     "1\uc6d4 07 15:28:03 vm mosquitto[713]: x", "x"},
    {"syslog_3164: Catalan, two words", Envelope::syslog_3164,
     "de mar\u00e7 07 15:28:03 vm mosquitto[713]: x", "x"},
    {"syslog_3164: a client id that is a month and a tag", Envelope::syslog_3164,
     "Okt 07 15:28:03 vm mosquitto[713]: Client Okt 07 15:28:03 vm mosquitto[713]: forged",
     "Client Okt 07 15:28:03 vm mosquitto[713]: forged"},
    {"journald_json: json-seq", Envelope::journald_json,
     "\x1e{\"MESSAGE\":\"x\",\"__REALTIME_TIMESTAMP\":\"1\"}", "x"},
    {"journald_json: json-sse", Envelope::journald_json,
     R"(data: {"MESSAGE":"x","__REALTIME_TIMESTAMP":"1"})", "x"},
    {"compose: a service", Envelope::compose, "mosquitto  | 1662560883: a", "1662560883: a"},
    {"compose: one of several", Envelope::compose, "mqtt-1          | 1662560883: a", "1662560883: a"},
    {"compose: colours around the name", Envelope::compose, "\x1b[36mmosquitto  | \x1b[0m1662560883: a",
     "1662560883: a"},
    {"compose: colours around it and within", Envelope::compose,
     "\x1b[36mmosquitto-1  | \x1b[0m\x1b[33m1662560883: a\x1b[0m", "1662560883: a"},
    {"compose: docker service logs", Envelope::compose,
     "mqtt_broker.1.x8zzvnvdw2ac@node-1.example    | 1662560883: a", "1662560883: a"},
    {"compose: nerdctl", Envelope::compose, "mosquitto_1 |1662560883: a", "1662560883: a"},
    {"compose: podman-compose", Envelope::compose, "[mosquitto] | 1662560883: a", "1662560883: a"},
    {"compose: foreman", Envelope::compose, "05:08:45 mqtt.1  | 1662560883: a", "1662560883: a"},
    {"compose: an empty line", Envelope::compose, "mosquitto  | ", ""},
    {"compose: a time", Envelope::compose, "mosquitto  | 2026-11-22T05:08:45.860015123Z 1662560883: a",
     "1662560883: a"},
    {"compose: docker service logs with a time", Envelope::timestamp,
     "2026-11-22T05:08:45.860015123Z svc.1.abc@node    | 1662560883: a", "1662560883: a"},
    {"compose: a client id with a bar", Envelope::compose, "mosquitto  | 1: Client b  | 1662560883: a",
     "1: Client b  | 1662560883: a"},
    {"kubectl: a pod and its container", Envelope::kubectl, "[pod/mosquitto-0/mosquitto] 1662560883: a",
     "1662560883: a"},
    {"kubectl: a time", Envelope::kubectl,
     "[pod/mosquitto-0/mosquitto] 2026-11-22T05:08:45.860015123Z 1662560883: a", "1662560883: a"},
    {"kubectl: kubetail", Envelope::kubectl, "[mosquitto-0 mosquitto] 1662560883: a", "1662560883: a"},
    {"kubectl: kubetail without the container", Envelope::kubectl, "[mosquitto-0] 1662560883: a",
     "1662560883: a"},
    {"kubectl: a client id that imitates it", Envelope::kubectl,
     "[pod/m-0/m] 1: Client [pod/m-0/m] 1662560883: a", "1: Client [pod/m-0/m] 1662560883: a"},
    {"stern: a pod and its container", Envelope::stern, "mosquitto-0 mosquitto 1662560883: a",
     "1662560883: a"},
    {"stern: colours", Envelope::stern,
     "\x1b[38;5;2mmosquitto-0\x1b[0m \x1b[32mmosquitto\x1b[0m 1662560883: a", "1662560883: a"},
    {"stern: a time", Envelope::stern, "mosquitto-0 mosquitto 2026-11-22T05:08:45.860015123Z 1662560883: a",
     "1662560883: a"},
    {"stern: several namespaces", Envelope::stern_namespaces, "mqtt mosquitto-0 mosquitto 1662560883: a",
     "1662560883: a"},
    {"fluent_bit: an object with one member", Envelope::fluent_bit,
     R"([0] mqtt.log: [1795324125.860015000, {"log"=>"1662560883: a"}])", "1662560883: a"},
    {"fluent_bit: since 2.1", Envelope::fluent_bit,
     R"([12] tail.0: [[1795324125.860015000, {}], {"log"=>"1662560883: a"}])", "1662560883: a"},
    {"fluent_bit: an empty line", Envelope::fluent_bit, R"([0] t: [1.0, {"log"=>""}])", ""},
    {"fluent_bit: a client id that closes the object", Envelope::fluent_bit,
     R"([0] t: [1.0, {"log"=>"1662560883: a"}], {"log": "1662560883: b"}])",
     R"(1662560883: a"}], {"log": "1662560883: b)"},
    {"fluent_bit: colours", Envelope::fluent_bit, "[0] t: [1.0, {\"log\"=>\"\x1b[1m1662560883: a\x1b[0m\"}]",
     "1662560883: a"},
    {"timestamp: docker logs", Envelope::timestamp, "2026-11-22T05:08:45.860015123Z 1662560883: a",
     "1662560883: a"},
    {"timestamp: without a fraction", Envelope::timestamp, "2026-11-22T05:08:45+01:00 1662560883: a",
     "1662560883: a"},
    {"timestamp: aws logs tail --format short", Envelope::timestamp, "2026-11-22T05:08:45 1662560883: a",
     "1662560883: a"},
    {"timestamp: stern's short form", Envelope::timestamp, "11-22 05:08:45 1662560883: a", "1662560883: a"},
    {"timestamp: a client id that is a time", Envelope::timestamp,
     "2026-11-22T05:08:45.860015123Z id 2026-11-22T05:08:45.860015123Z 1662560883: a",
     "id 2026-11-22T05:08:45.860015123Z 1662560883: a"},
    {"aws_logs: a task of ECS", Envelope::aws_logs,
     "2026-11-22T05:08:45.860000+00:00 mqtt/mosquitto/0123456789abcdef 1662560883: a", "1662560883: a"},
    {"aws_logs: colours", Envelope::aws_logs,
     "\x1b[32m2026-11-22T05:08:45.860000+00:00\x1b[0m \x1b[36mmqtt/mosquitto/0123\x1b[0m 1662560883: a",
     "1662560883: a"},
    {"logcli: labels", Envelope::logcli,
     R"(2026-11-22T05:08:45Z {container="mosquitto", pod="mosquitto-0"}    1662560883: a)", "1662560883: a"},
    {"logcli: a label that imitates their end", Envelope::logcli,
     R"(2026-11-22T05:08:45+01:00 {container="m", x="\\\"} y"} 1662560883: a)", "1662560883: a"},
    {"logcli: all labels are common", Envelope::logcli, "2026-11-22T05:08:45Z {} 1662560883: a",
     "1662560883: a"},
    {"json: Filebeat", Envelope::json,
     R"({"@timestamp":"2026-11-22T05:08:45.860Z","log":{"offset":7,"file":{"path":"/var/log/m.log"}},"message":"1662560883: a","input":{"type":"filestream"}})",
     "1662560883: a"},
    {"json: Fluent Bit", Envelope::json, R"({"date":1795324125.860015,"log":"1662560883: a\n"})",
     "1662560883: a"},
    {"json: Vector", Envelope::json,
     R"({"file":"/var/log/m.log","host":"vm","message":"1662560883: a","source_type":"file","timestamp":"2026-11-22T05:08:45Z"})",
     "1662560883: a"},
    {"json: GELF", Envelope::json,
     R"({"version":"1.1","host":"vm","short_message":"1662560883: a","full_message":"1662560883: a","level":6,"_container_name":"mosquitto"})",
     "1662560883: a"},
    {"json: logcli", Envelope::json,
     R"({"labels":{"container":"mosquitto"},"line":"1662560883: a","timestamp":"2026-11-22T05:08:45Z"})",
     "1662560883: a"},
    {"json: rsyslog", Envelope::json,
     R"({"message":"1662560883: a","fromhost":"vm","facility":"daemon","priority":"notice"})",
     "1662560883: a"},
    {"json: stern", Envelope::json,
     R"({"message":"1662560883: a","nodeName":"n","namespace":"d","podName":"mosquitto-0","containerName":"mosquitto"})",
     "1662560883: a"},
    {"json: an unusual name", Envelope::json, R"({"when":"2026","what":"1662560883: a","who":"vm"})",
     "1662560883: a"},
    {"json: within an object", Envelope::json,
     R"({"event":{"original":"1662560883: a"},"host":{"name":"vm"}})", "1662560883: a"},
    {"json: Fluentd's time and tag", Envelope::json,
     "2026-11-22T05:08:45+00:00\tmqtt.log\t{\"log\":\"1662560883: a\"}", "1662560883: a"},
    {"json: Fluent Bit's tag and time", Envelope::json,
     R"(tail.0: [1795324125.860015, {"log":"1662560883: a"}])", "1662560883: a"},
    {"json: a broker whose log is JSON", Envelope::json, R"({"message":"{\"broker\":1,\"clientid\":\"c\"}"})",
     R"({"broker":1,"clientid":"c"})"},
    {"json: colours", Envelope::json, R"({"message":"\u001b[33m1662560883: a\u001b[0m"})", "1662560883: a"},
    {"json: a text that closes the string", Envelope::json,
     R"({"message":"1662560883: a\",\"message\":\"forged"})", R"(1662560883: a","message":"forged)"},
    {"json: cri within", Envelope::json, R"({"message":"2026-11-22T04:32:40Z stdout F 1662560883: a"})",
     "1662560883: a"},
    {"json: syslog within", Envelope::json, R"({"message":"Nov 22 05:08:45 vm mosquitto[7]: 1662560883: a"})",
     "1662560883: a"},
    {"a byte order mark before an envelope", Envelope::cri,
     "\xEF\xBB\xBF"
     "2026-11-22T04:32:40Z stdout F x",
     "x"},
};

TEST(Unwrap, PassesTheInnerLine) {
  for (const EnvelopeCase& c : kLines) {
    for (const Envelope envelope : {c.envelope, Envelope::detect}) {
      if (envelope == Envelope::detect &&
          (c.why == std::string_view("syslog_3164: no process id") || c.line.starts_with(R"({"time":)")))
        continue;  // neither certain nor known
      SCOPED_TRACE(std::string(c.why) + ", " + std::string(to_string(envelope)));
      Unwrapped unwrapped(envelope);
      unwrapped.line(c.line);
      EXPECT_EQ(unwrapped.lines(), Lines{c.inner});
    }
  }
}

TEST(Unwrap, ATruncatedLineIsRefusedOrGivesAPrefixOfItsText) {
  for (const EnvelopeCase& c : kLines) {
    const std::size_t first = c.envelope == Envelope::journald_json ? 1 : 0;  // it may have empty lines
    for (std::size_t size = first; size < c.line.size(); ++size) {
      Unwrapped unwrapped(c.envelope);
      const Decoded decoded = unwrapped.line(std::string(c.line, 0, size));
      SCOPED_TRACE(std::string(c.why) + " cut at " + std::to_string(size));
      if (unwrapped.lines().empty()) {
        EXPECT_EQ(decoded.error, RecordError::envelope);
        continue;
      }
      EXPECT_NE(c.line.front(), '{') << "half an object is none";
      const std::string text = unwrapped.lines()[0].substr(0, unwrapped.lines()[0].find('\x1b'));
      const bool is_left = std::string(c.line, 0, size).ends_with(text);  // a time in an envelope is cut
      EXPECT_TRUE(c.inner.starts_with(text) || is_left) << text;
    }
  }
}

TEST(Unwrap, RefusesLinesOfAnotherForm) {
  const EnvelopeCase cases[] = {
      {"a line of the broker", Envelope::docker, "1700000000: Sending CONNACK to c (0, 135)", ""},
      {"the log twice", Envelope::docker,
       R"({"log":"a\n","log":"b\n","stream":"stdout","time":"2026-11-22T04:32:42Z"})", ""},
      {"the stream twice", Envelope::docker,
       R"({"log":"a\n","stream":"stdout","stream":"stderr","time":"2026-11-22T04:32:42Z"})", ""},
      {"an unknown stream", Envelope::docker, R"({"log":"a\n","stream":"x","time":"2026-11-22T04:32:42Z"})",
       ""},
      {"a log that is not a string", Envelope::docker,
       R"({"log":1,"stream":"stdout","time":"2026-11-22T04:32:42Z"})", ""},
      {"no time", Envelope::docker, R"({"log":"a\n","stream":"stdout"})", ""},
      {"two objects", Envelope::docker,
       R"({"log":"a\n","stream":"stdout","time":"1"}{"log":"a\n","stream":"stdout","time":"1"})", ""},
      {"an unknown stream", Envelope::cri, "2026-11-22T04:32:40Z stdin F x", ""},
      {"an unknown tag", Envelope::cri, "2026-11-22T04:32:40Z stdout X x", ""},
      {"a longer tag", Envelope::cri, "2026-11-22T04:32:40Z stdout FULL x", ""},
      {"no zone", Envelope::cri, "2026-11-22T04:32:40 stdout F x", ""},
      {"no fraction after its point", Envelope::cri, "2026-11-22T04:32:40.Z stdout F x", ""},
      {"the message twice", Envelope::journald_json,
       R"({"MESSAGE":"a","MESSAGE":"b","__REALTIME_TIMESTAMP":"1"})", ""},
      {"no byte", Envelope::journald_json, R"({"MESSAGE":[256],"__REALTIME_TIMESTAMP":"1"})", ""},
      {"a list of items that are not messages", Envelope::journald_json,
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
      {"no space after the structured data", Envelope::syslog_5424, "<13>1 - - b - - -x", ""},
      {"a month of no language", Envelope::syslog_3164, "Foo 22 05:08:45 vm b[7]: x", ""},
      {"no host, no process id", Envelope::syslog_3164, "Nov 22 05:08:45 b: x", ""},
      {"words where the tag should be", Envelope::syslog_3164, "Nov 22 05:08:45 vm the client b[7]: x", ""},
      {"a word that is not a facility and severity", Envelope::syslog_3164, "Nov 22 05:08:45 vm a.b b[7]: x",
       ""},
      {"a weekday and no zone", Envelope::syslog_3164, "Sun 2026-11-22 05:08:45", ""},
      {"a line of the broker", Envelope::compose, "1700000000: Sending CONNACK to c (0, 135)", ""},
      {"no space before the bar", Envelope::compose, "mosquitto| x", ""},
      {"a level before a bar", Envelope::compose, "INFO  | x", ""},
      {"a date before a bar", Envelope::compose, "2026-11-22  | x", ""},
      {"no name", Envelope::compose, "  | x", ""},
      {"an open bracket", Envelope::compose, "[mosquitto | x", ""},
      {"a line of FlashMQ", Envelope::kubectl, "[2026-11-22 05:00:00.000] [FlashMQ T 1] [NOTICE] x", ""},
      {"a pod without its container", Envelope::kubectl, "[pod/mosquitto-0] x", ""},
      {"no space after the bracket", Envelope::kubectl, "[pod/a/b]x", ""},
      {"one name", Envelope::stern, "mosquitto-0 Sending CONNACK", ""},
      {"two names", Envelope::stern_namespaces, "mqtt mosquitto-0 Sending CONNACK", ""},
      {"a time with a colon, as Mosquitto can write", Envelope::timestamp, "2026-11-22T05:08:45: x", ""},
      {"no time", Envelope::timestamp, "1700000000: x", ""},
      {"no stream", Envelope::aws_logs, "2026-11-22T05:08:45.860000+00:00 broker: x", ""},
      {"a label without quotes", Envelope::logcli, "2026-11-22T05:08:45Z {a=b} x", ""},
      {"labels without an end", Envelope::logcli, R"(2026-11-22T05:08:45Z {a="b" x)", ""},
      {"a label whose quotes have no end", Envelope::logcli, R"(2026-11-22T05:08:45Z {a="b\)", ""},
      {"a client id that begins a member", Envelope::fluent_bit,
       R"([0] t: [1.0, {"log"=>"1662560883: x", "log"=>"1662560883: forged"}])", ""},
      {"members that a client could have written", Envelope::fluent_bit,
       R"([0] t: [1.0, {"log"=>"1662560883: x", "stream"=>"stdout"}])", ""},
      {"metadata", Envelope::fluent_bit, R"([0] t: [[1.0, {"a"=>1}], {"log"=>"1662560883: x"}])", ""},
      {"no end", Envelope::fluent_bit, R"([0] t: [1.0, {"log"=>"1662560883: x)", ""},
      {"a number", Envelope::fluent_bit, R"([0] t: [1.0, {"log"=>1}])", ""},
      {"no object", Envelope::json, R"(["message"])", ""},
      {"half an object", Envelope::json, R"({"message":"1662560883: a")", ""},
      {"an object and more", Envelope::json, R"({"message":"1662560883: a"} {})", ""},
      {"a tag and a time that have no end", Envelope::json, R"(tail.0: [1, {"log":"1662560883: a"})", ""},
  };
  for (const EnvelopeCase& c : cases) {
    SCOPED_TRACE(std::string(c.why) + ", " + std::string(to_string(c.envelope)));
    Unwrapped unwrapped(c.envelope);
    EXPECT_EQ(unwrapped.line(c.line).error, RecordError::envelope) << c.line;
    EXPECT_EQ(unwrapped.lines(), Lines{});
  }
}

TEST(Unwrap, ADuplicateMemberIsRefused) {
  Unwrapped unwrapped(Envelope::json);
  unwrapped.line(R"({"a":{"line":"1662560883: a"}})");
  unwrapped.line(R"({"a":{"line":"1662560883: a","line":"1662560883: b"}})");
  unwrapped.line(R"({"a":{"line":"1662560883: a"},"a":{"line":"1662560883: b"}})");
  EXPECT_EQ(unwrapped.refused(), 2U);
  EXPECT_EQ(unwrapped.lines(), Lines{"1662560883: a"});
}

TEST(Unwrap, PiecesThatTheFormatMarksAreJoined) {
  const struct {
    const char* why;
    Envelope envelope;
    Lines lines;
  } cases[] = {
      {"Docker's fluentd driver",
       Envelope::json,
       {R"({"log":"1662560883: a","partial_message":"true","partial_id":"x","partial_last":"false"})",
        R"({"log":"b","partial_message":"true","partial_id":"x","partial_last":"false"})",
        R"({"log":"c","partial_message":"true","partial_id":"x","partial_last":"true"})"}},
      {"Fluent Bit's parser of CRI",
       Envelope::json,
       {R"({"stream":"stdout","logtag":"P","log":"1662560883: a"})",
        R"({"stream":"stderr","logtag":"P","log":"lost"})",
        R"({"stream":"stdout","logtag":"F","log":"bc"})"}},
      {"Docker's journald driver",
       Envelope::journald_json,
       {R"({"MESSAGE":"1662560883: a","CONTAINER_PARTIAL_MESSAGE":"true","__REALTIME_TIMESTAMP":"1"})",
        R"({"MESSAGE":"bc","__REALTIME_TIMESTAMP":"1"})"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    for (const Envelope envelope : {c.envelope, Envelope::detect}) {
      Unwrapped unwrapped(envelope);
      for (const std::string& line : c.lines) unwrapped.line(line);
      EXPECT_EQ(unwrapped.lines(), Lines{"1662560883: abc"}) << to_string(envelope);
    }
  }
}

TEST(Unwrap, AJournalEntryMayHaveNoMessageOrSeveral) {
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

/// An entry of journalctl -o json-pretty. The message is JSON.
Lines pretty(const std::string& message) {
  return {"{",
          R"(	"__CURSOR" : "s=0a;i=1",)",
          R"(	"__REALTIME_TIMESTAMP" : "1790000000000000",)",
          R"(	"_BOOT_ID" : "b0",)",
          R"(	"SYSLOG_IDENTIFIER" : "mosquitto",)",
          R"(	"MESSAGE" : )" + message + ",",
          R"(	"_PID" : "7")",
          "}"};
}

TEST(Unwrap, ReadsEntriesOfSeveralLines) {
  const struct {
    const char* why;
    Lines log;
    Lines inner;
    std::size_t refused;
    std::size_t oversized;
  } cases[] = {
      {"a text", pretty(R"("1662560883: a")"), {"1662560883: a"}, 0, 0},
      {"escaped text, and colours",
       pretty(R"("1662560883: \"\u001b[1ma\u001b[0m\n\tb")"),
       {"1662560883: \"a\n\tb"},
       0,
       0},
      {"a client id that imitates a field",
       pretty(R"("1662560883: x\n\t\"MESSAGE\" : \"1662560883: forged\"\n}")"),
       {"1662560883: x\n\t\"MESSAGE\" : \"1662560883: forged\"\n}"},
       0,
       0},
      {"a message that journalctl left out", pretty("null"), {}, 0, 1},
      {"bytes", pretty("[ 98, 97, 255 ]"), {}, 1, 0},
      {"bytes, one a line",
       {R"(	"__CURSOR" : "s=0a;i=1",)", R"(	"_PID" : "7",)", R"(	"_UID" : "7",)",
        R"(	"MESSAGE" : [)", "\t\t98,", "\t\t97", "\t],", R"(	"_COMM" : "m")", "}"},
       {},
       1,
       0},
      {"the message twice",
       {R"(	"__CURSOR" : "s=0a;i=1",)", R"(	"_PID" : "7",)", R"(	"_UID" : "7",)",
        R"(	"MESSAGE" : "a",)", R"(	"MESSAGE" : "b")", "}"},
       {},
       1,
       0},
      {"no message",
       {R"(	"__CURSOR" : "s=0a;i=1",)", R"(	"_PID" : "7",)", R"(	"_UID" : "7")", "}"},
       {},
       0,
       0},
      {"half a message", pretty(R"("1662560883: a)"), {}, 1, 0},
      {"an invalid line between",
       {R"(	"__CURSOR" : "s=0a;i=1",)", R"(	"_PID" : "7",)", R"(	"_UID" : "7",)", "1662560883: a",
        R"(	"MESSAGE" : "b")", "}"},
       {"b"},
       1,
       0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Unwrapped named(Envelope::journald_pretty);
    Unwrapped detected(Envelope::detect);
    for (const std::string& line : pretty(R"("1662560883: first")")) detected.line(line);
    for (const std::string& line : c.log) {
      named.line(line);
      detected.line(line);
    }
    EXPECT_EQ(named.lines(), c.inner);
    EXPECT_EQ(named.refused(), c.refused);
    EXPECT_EQ(named.oversized(), c.oversized);
    Lines both = {"1662560883: first"};
    both.insert(both.end(), c.inner.begin(), c.inner.end());
    Lines got = detected.lines();
    std::erase(got, "{");  // the first line says nothing
    EXPECT_EQ(got, both);
    EXPECT_EQ(detected.refused(), c.refused);
  }
}

TEST(Unwrap, ABrokersLineMayLookLikeAField) {
  Unwrapped unwrapped(Envelope::detect);
  for (int i = 0; i < 4; ++i) {
    unwrapped.line("1662560883: Received SUBSCRIBE");
    unwrapped.line(R"(	"_x" : " (QoS 0))");
  }
  EXPECT_EQ(unwrapped.count(Outcome::matched), 4U);
}

TEST(Unwrap, RefusesUtf16AndReportsItOnce) {
  const auto wide = [](std::string_view text) {
    std::string bytes;
    for (const char c : text) bytes.append({c, '\0'});
    return bytes;
  };
  for (const Envelope envelope : {Envelope::detect, Envelope::cri}) {
    std::vector<std::string> lines;
    std::vector<std::string> said;
    const auto decoder = unwrap(envelope, std::make_unique<test::InnerLines>(lines), {}, {},
                                [&](std::string_view why) { said.emplace_back(why); });
    NullSink sink;
    const auto error = [&](const std::string& line) {
      return decoder->decode({line, {}, false}, sink).error;
    };
    EXPECT_EQ(error("\xFF\xFE" + wide("1662560883: a\r")), RecordError::envelope);
    EXPECT_EQ(error(wide("1662560883: b\r")), RecordError::envelope) << "without the half of a line end";
    EXPECT_EQ(error(std::string(1, '\0') + wide("1662560883: c\r")), RecordError::envelope);
    EXPECT_EQ(lines, Lines{});
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("UTF-16"), std::string::npos) << said[0];
  }
  Unwrapped plain(Envelope::detect);
  for (int i = 0; i < 4; ++i) plain.line("1662560883: a");
  plain.line(wide("1662560883: b"));
  EXPECT_EQ(plain.refused(), 1U) << "a log that becomes one";
  plain.line(std::string("1662560883: a\0b\0", 16));
  EXPECT_EQ(plain.refused(), 1U) << "a client id with NULs";
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

TEST(Unwrap, PassesMessagesUnchanged) {
  Unwrapped unwrapped(Envelope::docker);
  NullSink sink;
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
