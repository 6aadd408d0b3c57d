// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/event_json.h"

#include <gtest/gtest.h>

#include <string>

namespace mre {
namespace {

mqtt::CloseReason reason(std::string_view label) { return mqtt::close_reason_from(label).value(); }

TEST(EventJson, HasTheLabelsOfTheMetricsAndTheSubject) {
  RecentEvent event{.number = 7,
                    .time_seconds = 1'796'017'366.1209,
                    .source = "log",
                    .event = ReasonEvent{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5,
                                         0x87, Evidence::code_in_record}};
  event.subject.client = "pump \"7\"";
  event.subject.peer = "192.0.2.7:49152";
  EXPECT_EQ(
      event_json("main", event),
      R"({"time":"2026-11-30T05:42:46.120Z","number":7,"broker":"main","source":"log","kind":"code",)"
      R"("packet":"CONNACK","direction":"sent","protocol":"5.0","code":"0x87","reason":"not_authorized",)"
      R"("class":"error","evidence":"explicit","client":"pump \"7\"","peer":"192.0.2.7:49152"})");
  event.observed_seconds = 1'796'017'367;
  EXPECT_TRUE(
      event_json("main", event)
          .starts_with(R"({"time":"2026-11-30T05:42:46.120Z","observed":"2026-11-30T05:42:47.000Z",)"));
  event.observed_seconds = event.time_seconds;
  event.event = CloseEvent{mqtt::Protocol::v3_1_1, reason("keep_alive_timeout"), mqtt::Initiator::broker};
  event.subject = {};
  EXPECT_EQ(event_json("main", event),
            R"({"time":"2026-11-30T05:42:46.120Z","number":7,"broker":"main","source":"log","kind":"end",)"
            R"("initiator":"broker","protocol":"3.1.1","reason":"keep_alive_timeout","class":"error"})");
  event.event = DenialEvent{mqtt::Protocol::v3_1_1, Action::publish, reason("not_authorized")};
  EXPECT_NE(event_json("main", event).find(R"("kind":"denial","action":"publish","protocol":"3.1.1")"),
            std::string::npos);
}

TEST(EventJson, WritesTimesInUtc) {
  EXPECT_EQ(utc_time(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_time(1'709'209'815.9996), "2024-02-29T12:30:15.999Z");
}

}  // namespace
}  // namespace mre
