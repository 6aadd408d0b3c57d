// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/metrics/feed_sample.h"

namespace mre::test {

inline constexpr double kNow = 1'000'000'000;  ///< When a page is asked for, in seconds of Unix time.

inline FeedSample feed(const std::string& broker, const std::string& source) {
  FeedSample sample;
  sample.broker = broker;
  sample.source = source;
  sample.profile = "mosquitto";
  sample.kind = SourceKind::log;
  sample.status.up = true;
  sample.status.state = "reading /l";
  return sample;
}

inline ReasonCounters::CodeCount code(mqtt::Packet packet, mqtt::Direction direction, mqtt::Protocol protocol,
                                      std::uint8_t byte, std::uint64_t count) {
  return {.event = {packet, direction, protocol, byte, Evidence::code_in_record},
          .cls = mqtt::classify(protocol, packet, byte),
          .row = mqtt::find(protocol, packet, byte),
          .count = count};
}

inline mqtt::CloseReason reason(std::string_view label) { return mqtt::close_reason_from(label).value(); }

/// A feed that has counted events of every kind and class, so that each has another count.
inline FeedSample counted(const std::string& broker) {
  using mqtt::Direction;
  using mqtt::Packet;
  using mqtt::Protocol;
  FeedSample sample = feed(broker, "log");
  sample.counts.codes = {code(Packet::connack, Direction::sent, Protocol::v5, 0x00, 70),
                         code(Packet::connack, Direction::sent, Protocol::v5, 0x87, 3),
                         code(Packet::connack, Direction::sent, Protocol::v3_1_1, 0x05, 4),
                         code(Packet::connack, Direction::sent, Protocol::unknown, 0x05, 5),
                         code(Packet::puback, Direction::sent, Protocol::v5, 0x10, 50),
                         code(Packet::puback, Direction::sent, Protocol::v5, 0x87, 1200),
                         code(Packet::puback, Direction::received, Protocol::v5, 0x87, 34),
                         code(Packet::puback, Direction::sent, Protocol::v5, 0x95, 8)};
  sample.counts.closes = {{{Protocol::v5, reason("not_authorized"), mqtt::Initiator::broker}, 6},
                          {{Protocol::v5, reason("tls_error"), mqtt::Initiator::client}, 7}};
  sample.counts.denials = {{{Protocol::v5, Action::publish, reason("not_authorized")}, 9}};
  return sample;
}

}  // namespace mre::test
