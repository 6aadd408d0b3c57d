// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/replay_compare.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;
using mqtt::Protocol;

ReasonCounters::CodeCount row(Packet packet, Direction direction, Protocol protocol, std::uint8_t code,
                              Evidence evidence, std::uint64_t count) {
  return {.event = {packet, direction, protocol, code, evidence},
          .cls = mqtt::classify(protocol, packet, code),
          .count = count};
}

TEST(ReplayCompare, ShowsPacketsAndLogSideBySide) {
  constexpr auto exact = Evidence::code_in_record;
  FeedSample wire;
  wire.counts.codes = {row(Packet::connack, Direction::sent, Protocol::v5, 0x87, exact, 3),
                       row(Packet::connack, Direction::sent, Protocol::v3_1_1, 0x05, exact, 2),
                       row(Packet::connack, Direction::sent, Protocol::v3_1, 0x05, exact, 1),
                       row(Packet::puback, Direction::received, Protocol::v5, 0x83, exact, 4),
                       row(Packet::unsuback, Direction::sent, Protocol::v5, 0x11, exact, 5),
                       row(Packet::auth, Direction::sent, Protocol::v5, 0x18, exact, 0)};
  wire.counts.closes = {{{}, 7}};
  FeedSample log;
  log.profile = "mosquitto";
  log.counts.codes = {
      row(Packet::connack, Direction::sent, Protocol::v5, 0x87, exact, 3),
      row(Packet::connack, Direction::sent, Protocol::unknown, 0x05, Evidence::inferred, 2),
      row(Packet::disconnect, Direction::sent, Protocol::v5, 0x8E, Evidence::inferred, 1),
  };
  log.counts.closes = {{{}, 6}};
  log.counts.denials = {{{}, 4}};
  log.coverage.denials = {{}};
  for (const auto& series : log.counts.codes) log.coverage.codes.push_back(series.event);
  log.coverage.codes.push_back({Packet::unsuback, Direction::unknown, Protocol::v5, 0x11, exact});
  EXPECT_EQ(
      compare_counts(wire, log),
      "packet      direction code  reason                                  wire  explicit  inferred  "
      "mosquitto\n"
      "CONNACK     sent      0x05  not_authorized                             3         0         2  fewer\n"
      "CONNACK     sent      0x87  not_authorized                             3         3         0  equal\n"
      "PUBACK      received  0x83  implementation_specific_error              4         0         0  "
      "missing\n"
      "UNSUBACK    sent      0x11  no_subscription_existed                    5         0         0  "
      "missing\n"
      "DISCONNECT  sent      0x8E  session_taken_over                         0         0         1  more\n"
      "\n"
      "ends of connections without a code: wire 7, mosquitto 6\n"
      "denials without a code, which no packet shows: mosquitto 4\n"
      "mosquitto cannot show: PUBACK received\n");
}

}  // namespace
}  // namespace mre
