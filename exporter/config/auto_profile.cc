#include "exporter/config/auto_profile.h"

#include <algorithm>

namespace mre {

std::vector<std::shared_ptr<const Profile>> candidates_for(
    std::span<const std::shared_ptr<const Profile>> profiles, bool has_log, bool has_mqtt) {
  std::vector<std::shared_ptr<const Profile>> candidates;
  for (const auto& profile : profiles) {
    if ((!has_log || profile->log.supported) && (!has_mqtt || profile->mqtt.supported))
      candidates.push_back(profile);
  }
  return candidates;
}

std::vector<std::string> topics_of(std::span<const std::shared_ptr<const Profile>> profiles) {
  std::vector<std::string> topics;
  for (const auto& profile : profiles) {
    for (const std::string& topic : profile->mqtt.topics) {
      if (std::ranges::find(topics, topic) == topics.end()) topics.push_back(topic);
    }
  }
  return topics;
}

}  // namespace mre
