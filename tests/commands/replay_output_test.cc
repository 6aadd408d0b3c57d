// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/replay_output.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

TEST(ReplayOutput, ExplainsARecordWithItsTimeAndEvents) {
  const Record record{"Sending CONNACK to \x1b (0, 135)", "a/b", false};
  const DecodedEvents found{
      {{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x87, Evidence::code_in_record}},
      {},
      {{mqtt::Protocol::v3_1_1, Action::publish, mqtt::close_reason_from("not_authorized").value()}}};
  const std::string rule = "connack-sent";
  EXPECT_EQ(
      explain(record, UnixMicros{1'700'000'000'123'000}, {Outcome::matched, RecordError::none, &rule}, found),
      "matched      connack-sent             2023-11-14T22:13:20.123Z a/b Sending CONNACK to \\x1B (0, 135)\n"
      "    CONNACK sent 5.0 0x87 explicit  not_authorized\n"
      "    denial 3.1.1 publish not_authorized\n");
  EXPECT_EQ(explain({"x", "", true}, {}, {Outcome::malformed, RecordError::invalid_json, nullptr}, {}),
            "malformed (invalid_json) (retained) -                        -                        x\n");
  EXPECT_EQ(explain_packets({"", "192.0.2.7:49152 > 192.0.2.1:1883", false, 1'700'000'000'000'000}, found)
                .substr(0, 58),
            "2023-11-14T22:13:20.000Z 192.0.2.7:49152 > 192.0.2.1:1883\n");
}

TEST(ReplayOutput, SummarisesARecording) {
  FeedSample sample;
  sample.profile = "mosquitto";
  sample.kind = SourceKind::log;
  sample.records = {3, 2, 1, 4};
  sample.record_errors[static_cast<std::size_t>(RecordError::oversized)] = 4;
  sample.record_errors[static_cast<std::size_t>(RecordError::no_prefix)] = 1;
  sample.counts.codes = {{.event = {}, .cls = {}, .count = 5}, {.event = {}, .cls = {}, .count = 1}};
  sample.counts.closes = {{{}, 2}};
  sample.counts.denials = {{{}, 3}};
  EXPECT_EQ(summary(sample, 2'500'000, 0.5),
            "10 records: 3 matched, 2 ignored, 1 unrecognised (1 no_prefix), 4 malformed (4 oversized)\n"
            "11 events: 6 reason codes, 2 ends of connections and 3 denials without a code\n"
            "2.5 MB in 0.50 s, 5 MB/s\n");
  sample.records = {0, 0, 9, 0};
  EXPECT_NE(summary(sample, 0, 0).find("check --broker.profile (mosquitto)"), std::string::npos);
}

TEST(ReplayOutput, ShowsTheRemainingTime) {
  EXPECT_EQ(progress(25'000'000, 100'000'000, 0.5), "25.0 of 100.0 MB, 50 MB/s, 2 s left");
  EXPECT_EQ(progress(25'000'000, 0, 0.5), "25.0 MB, 50 MB/s") << "the size of a pipe is not known";
}

}  // namespace
}  // namespace mre
