#include "exporter/source/mqtt_taken.h"

#include <bit>
#include <cstddef>
#include <functional>

namespace mre {

namespace {

/// Never 0.
std::uint64_t hash_of(std::string_view topic, std::string_view payload) {
  const std::hash<std::string_view> hash;
  const std::uint64_t both = hash(payload) * 0x9E3779B97F4A7C15U ^ hash(topic);
  return both == 0 ? 1 : both;
}

}  // namespace

bool MqttTaken::has(std::uint16_t packet_id, std::string_view topic, std::string_view payload) const {
  return packet_id < last_.size() && last_[packet_id] == hash_of(topic, payload);
}

void MqttTaken::add(std::uint16_t packet_id, std::string_view topic, std::string_view payload) {
  if (packet_id == 0) return;
  if (packet_id >= last_.size()) last_.resize(std::bit_ceil(std::size_t{packet_id} + 1));
  last_[packet_id] = hash_of(topic, payload);
}

}  // namespace mre
