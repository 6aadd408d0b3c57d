// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mre {

/// Whom and what an event concerns, as far as its record says. Empty: the record does not say, or a client's text
/// makes it ambiguous. All of it except the peer was chosen by a client: any bytes, any length.
struct Subject {
  std::string_view client = {};         ///< Client identifier (MQTT 5.0, 3.1.3.1).
  std::string_view user = {};           ///< User name (3.1.3.5).
  std::string_view peer = {};           ///< Address of the client, mostly with its port: "192.0.2.7:49152".
  std::string_view topic = {};          ///< Topic name, or topic filter of a SUBSCRIBE.
  std::string_view reason_string = {};  ///< Reason String (3.2.2.2.9), or the broker's own words.
  /// When the event happened, if it is read from the record: microseconds since 1970; 0: it is not.
  std::int64_t time_us = 0;

  bool empty() const {
    return client.empty() && user.empty() && peer.empty() && topic.empty() && reason_string.empty();
  }
};

/// "192.0.2.7" of "192.0.2.7:49152", "2001:db8::1" of "[2001:db8::1]:49152"; the text itself if it has no port.
std::string_view address_of(std::string_view peer);

/// A subject that owns its texts.
struct OwnedSubject {
  std::string client;
  std::string user;
  std::string peer;
  std::string topic;
  std::string reason_string;

  OwnedSubject() = default;
  explicit OwnedSubject(const Subject& subject)
      : client(subject.client),
        user(subject.user),
        peer(subject.peer),
        topic(subject.topic),
        reason_string(subject.reason_string) {}

  Subject view() const { return {client, user, peer, topic, reason_string, 0}; }
};

}  // namespace mre
