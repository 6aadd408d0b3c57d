#include "exporter/source/mqtt_taken.h"

#include <functional>

namespace mre {

namespace {

std::uint64_t hash_of(std::string_view topic, std::string_view payload) {
  const std::hash<std::string_view> hash;
  return hash(payload) * 0x9E3779B97F4A7C15U ^ hash(topic);
}

}  // namespace

bool MqttTaken::has(std::uint16_t packet_id, std::string_view topic, std::string_view payload) const {
  const auto last = last_.find(packet_id);
  return last != last_.end() && last->second == hash_of(topic, payload);
}

void MqttTaken::add(std::uint16_t packet_id, std::string_view topic, std::string_view payload) {
  if (packet_id != 0) last_[packet_id] = hash_of(topic, payload);
}

}  // namespace mre
