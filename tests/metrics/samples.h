// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "exporter/metrics/feed_sample.h"

/// Samples of feeds that several tests of the exposition start from.
namespace mre::test {

inline mqtt::CloseReason close_reason(std::string_view label) {
  return mqtt::close_reason_from(label).value();
}

inline constexpr ReasonEvent kNotAuthorized{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5,
                                            0x87, Evidence::code_in_record};
inline constexpr ReasonEvent kRefused3{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v3_1_1,
                                       0x05, Evidence::code_in_record};
inline constexpr ReasonEvent kNoSubscribers{mqtt::Packet::puback, mqtt::Direction::sent, mqtt::Protocol::v5,
                                            0x10, Evidence::code_in_record};
inline constexpr ReasonEvent kNormalEnd{mqtt::Packet::disconnect, mqtt::Direction::received,
                                        mqtt::Protocol::unknown, 0x00, Evidence::inferred};

/// `base` as the same packet with another byte.
inline ReasonEvent with_code(ReasonEvent base, std::uint8_t code) {
  base.code = code;
  return base;
}

inline Coverage coverage() {
  return {{kNoSubscribers, kNotAuthorized, kRefused3, kNormalEnd},
          {{mqtt::Protocol::v3_1_1, close_reason("keep_alive_timeout"), mqtt::Initiator::broker},
           {mqtt::Protocol::unknown, close_reason("connection_closed"), mqtt::Initiator::client}},
          {{mqtt::Protocol::v3_1_1, Action::publish, close_reason("not_authorized")},
           {mqtt::Protocol::unknown, Action::subscribe, close_reason("quota_exceeded")}}};
}

inline Authority all_of_it() {
  Authority authority;
  for (auto& directions : authority.codes) directions.fill(true);
  authority.denials.fill(true);
  return authority;
}

/// A feed that is up and has counted nothing.
inline FeedSample quiet_feed(std::string source, SourceKind kind) {
  FeedSample feed;
  feed.broker = "edge";
  feed.source = std::move(source);
  feed.profile = "mosquitto";
  feed.kind = kind;
  feed.coverage = coverage();
  feed.visibility = all_of(feed.coverage);
  feed.counts = ReasonCounters(feed.coverage, 512).counts();
  feed.shadow = feed.counts;
  feed.authority = {all_of_it()};
  feed.status.up = true;
  return feed;
}

}  // namespace mre::test
