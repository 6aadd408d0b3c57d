// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "exporter/base/bytes.h"

namespace mre {

/// Recognises messages that the broker sends again because our acknowledgement was lost with the connection:
/// they have the DUP flag and the same packet identifier (MQTT 5.0 section 4.4). Remembers the last
/// `kRemembered` messages, each by its identifier and a hash. One thread at a time.
class RedeliveryFilter {
 public:
  /// In MQTT 5.0 our Receive Maximum (section 3.1.2.11.3), so that no more can be unacknowledged. In MQTT
  /// 3.1.1 the broker decides (mosquitto: max_inflight_messages, 20).
  static constexpr std::size_t kRemembered = 1024;

  /// Whether the last message with this identifier had this topic and payload.
  bool contains(std::uint16_t packet_id, std::string_view topic, std::string_view payload) const;
  /// Adds a received message. One with the identifier 0 (QoS 0) is not stored.
  void add(std::uint16_t packet_id, std::string_view topic, std::string_view payload);
  /// The number of stored messages so far, which numbers the last one.
  std::uint64_t count() const { return count_; }
  /// The session has ended, so its identifiers are void.
  void clear() { last_.clear(); }
  /// Removes the messages after the one with this number.
  void truncate_after(std::uint64_t number);

  void save(ByteWriter& out) const;
  /// Reads what `save` wrote; otherwise the reader fails.
  static RedeliveryFilter load(ByteReader& in);

 private:
  struct Message {
    std::uint16_t packet_id;
    std::uint64_t hash;
  };
  void add(const Message& message);

  std::deque<Message> last_;  ///< The oldest first.
  std::uint64_t count_ = 0;
};

}  // namespace mre
