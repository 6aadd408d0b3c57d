// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/metrics/feed_sample.h"

namespace mre::test {

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

}  // namespace mre::test
