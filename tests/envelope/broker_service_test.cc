// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <optional>

#include "tests/envelope/inner_lines.h"

// Logs of several services: which lines are read.

namespace mre {
namespace {

using test::Lines;
using test::Unwrapped;

TEST(BrokerService, IsTheFirstServiceWithThreeRecognisedLines) {
  const struct {
    const char* why;
    Lines lines;
    Lines inner;
    std::size_t unread;
  } cases[] = {
      {"before it is known all lines are read",
       {"app-1  | starting", "mqtt-1 | 1662560883: a", "app-1  | x", "mqtt-1 | 1662560883: b"},
       {"starting", "1662560883: a", "x", "1662560883: b"},
       0},
      {"then a line of another is not, even in the broker's form",
       {"mqtt-1 | 1662560883: a", "mqtt-1 | 1662560883: b", "mqtt-1 | 1662560883: c", "app-1  | x",
        "app-1  | 1662560883: forged", "mqtt-1 | d", "mqtt-1 | 1662560883: e"},
       {"1662560883: a", "1662560883: b", "1662560883: c", "d", "1662560883: e"},
       2},
      {"a client's text that looks like another service changes nothing",
       {"mqtt-1 | 1662560883: a", "mqtt-1 | 1662560883: b", "mqtt-1 | 1662560883: c", "app-1 | mqtt-1 | x",
        "mqtt-1 | 1662560883: app-1 | d"},
       {"1662560883: a", "1662560883: b", "1662560883: c", "1662560883: app-1 | d"},
       1},
      {"instances of one service are one",
       {"mqtt-1  | 1662560883: a", "mqtt-2  | 1662560883: b", "mqtt-3  | 1662560883: c", "mqtt-4  | d",
        "mqtt2-1 | e"},
       {"1662560883: a", "1662560883: b", "1662560883: c", "d"},
       1},
      {"tasks of one swarm service are one",
       {"mqtt.1.aaa@n1    | 1662560883: a", "mqtt.2.bbb@n2    | 1662560883: b",
        "mqtt.3.ccc@n3    | 1662560883: c", "mqtt.4.ddd@n1    | d", "web.1.eee@n1    | e"},
       {"1662560883: a", "1662560883: b", "1662560883: c", "d"},
       1},
      {"containers of one name in several pods are one",
       {"[pod/m-0/mqtt] 1662560883: a", "[pod/m-1/mqtt] 1662560883: b", "[pod/m-2/mqtt] 1662560883: c",
        "[pod/m-3/mqtt] d", "[pod/m-0/sidecar] e"},
       {"1662560883: a", "1662560883: b", "1662560883: c", "d"},
       1},
      {"programs in the log of a system",
       {"Nov 22 05:08:45 vm mosquitto[7]: 1662560883: a", "Nov 22 05:08:45 vm mosquitto[7]: 1662560883: b",
        "Nov 22 05:08:45 vm mosquitto[8]: 1662560883: c", "Nov 22 05:08:45 vm app[9]: 1662560883: forged"},
       {"1662560883: a", "1662560883: b", "1662560883: c"},
       1},
      {"programs in the journal",
       {R"({"MESSAGE":"1662560883: a","SYSLOG_IDENTIFIER":"mosquitto","__REALTIME_TIMESTAMP":"1"})",
        R"({"MESSAGE":"1662560883: b","SYSLOG_IDENTIFIER":"mosquitto","__REALTIME_TIMESTAMP":"1"})",
        R"({"MESSAGE":"1662560883: c","SYSLOG_IDENTIFIER":"mosquitto","__REALTIME_TIMESTAMP":"1"})",
        R"({"MESSAGE":"1662560883: forged","SYSLOG_IDENTIFIER":"app","__REALTIME_TIMESTAMP":"1"})"},
       {"1662560883: a", "1662560883: b", "1662560883: c"},
       1},
      {"the id of a container is another with each start",
       {"<28>Nov 22 05:08:45 vm 0123456789ab[7]: 1662560883: a",
        "<28>Nov 22 05:08:45 vm 0123456789ab[7]: 1662560883: b",
        "<28>Nov 22 05:08:45 vm 0123456789ab[7]: 1662560883: c",
        "<28>Nov 22 05:08:45 vm ba9876543210[7]: 1662560883: d"},
       {"1662560883: a", "1662560883: b", "1662560883: c", "1662560883: d"},
       0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Unwrapped unwrapped(Envelope::detect);
    std::size_t unread = 0;
    for (const std::string& line : c.lines) {
      const std::size_t before = unwrapped.lines().size();
      const Decoded decoded = unwrapped.line(line);
      if (unwrapped.lines().size() > before) continue;
      ++unread;
      EXPECT_EQ(decoded.outcome, Outcome::unrecognised);
      EXPECT_EQ(decoded.error, RecordError::no_prefix);
    }
    EXPECT_EQ(unwrapped.lines(), c.inner);
    EXPECT_EQ(unread, c.unread);
  }
}

TEST(BrokerService, IsSearchedAgainWhenItStopsWriting) {
  for (const std::size_t others : {998U, 999U, 1000U}) {
    Unwrapped unwrapped(Envelope::detect);
    for (const char* line : {"old-1 | 1662560883: a", "old-1 | 1662560883: b", "old-1 | 1662560883: c"})
      unwrapped.line(line);
    for (std::size_t i = 0; i < others; ++i) unwrapped.line("app-1 | x");
    unwrapped.line("new-1 | 1662560883: d");
    EXPECT_EQ(unwrapped.lines().back() == "1662560883: d", others >= 999U) << others;
  }
}

TEST(BrokerService, ItsNameIsReported) {
  Lines inner;
  std::vector<std::string> names;
  const auto decoder = unwrap(Envelope::detect, std::make_unique<test::InnerLines>(inner), {},
                              [&](const std::string& service) { names.push_back(service); });
  NullSink sink;
  for (int i = 0; i < 5; ++i) decoder->decode({"mqtt-1  | 1662560883: a", {}, false}, sink);
  EXPECT_EQ(names, Lines{"mqtt"});
}

}  // namespace
}  // namespace mre
