#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mre {

/// Tells the messages of a session that the broker sends once more because our acknowledgement was lost with
/// the connection: they are marked (DUP) and keep their packet identifier (MQTT 5.0 section 4.4). Of each
/// identifier the message that was taken last is remembered, as a hash in a table that grows with the
/// identifiers, to 512 KiB at most. One thread at a time.
class MqttTaken {
 public:
  /// Whether `topic` and `payload` are what was taken last under this identifier.
  bool has(std::uint16_t packet_id, std::string_view topic, std::string_view payload) const;
  /// It was taken. 0 is the identifier of QoS 0, and is not kept.
  void add(std::uint16_t packet_id, std::string_view topic, std::string_view payload);
  /// The session is gone: its identifiers begin anew.
  void clear() { last_.clear(); }

 private:
  std::vector<std::uint64_t> last_;  ///< By identifier; 0: nothing was taken.
};

}  // namespace mre
