// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "exporter/base/bytes.h"

namespace mre {

/// Tells the messages of a session that the broker sends once more because our acknowledgement was lost with
/// the connection: they are marked (DUP) and keep their packet identifier (MQTT 5.0 section 4.4). The last
/// `kRemembered` messages are remembered, each by its identifier and a hash. One thread at a time.
class MqttTaken {
 public:
  /// In MQTT 5.0 our Receive Maximum (section 3.1.2.11.3): more are never unacknowledged. MQTT 3.1.1 leaves
  /// the bound to the broker (mosquitto: max_inflight_messages, 20).
  static constexpr std::size_t kRemembered = 1024;

  /// Whether `topic` and `payload` are what was taken last under this identifier.
  bool has(std::uint16_t packet_id, std::string_view topic, std::string_view payload) const;
  /// It was taken. 0 is the identifier of QoS 0, and is not kept.
  void add(std::uint16_t packet_id, std::string_view topic, std::string_view payload);
  /// How many were added: the number of the last one.
  std::uint64_t count() const { return count_; }
  /// The session is gone: its identifiers begin anew.
  void clear() { last_.clear(); }
  /// Forgets those after the one with this number.
  void keep_up_to(std::uint64_t number);

  void save(ByteWriter& out) const;
  /// What `save` wrote; the reader fails otherwise.
  static MqttTaken load(ByteReader& in);

 private:
  struct Message {
    std::uint16_t packet_id;
    std::uint64_t hash;
  };
  void add(const Message& message);

  std::deque<Message> last_;  ///< The newest last.
  std::uint64_t count_ = 0;
};

}  // namespace mre
